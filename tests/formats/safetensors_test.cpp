#include "formats/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof(length));
  return file + header + std::string(data_bytes, '\1');
}

Safetensors parsed(const std::string& file) {
  return Safetensors::parse(std::as_bytes(std::span(file.data(), file.size())), "test.safetensors");
}

std::string small_file() {
  const TemporaryFolder folder;
  SafetensorsWriter writer(folder / "small.safetensors");
  writer.set_metadata("format", "pt");
  writer.declare("weight", DType::f32, {2, 3});
  writer.declare("scales", DType::bf16, {3});
  writer.declare("blocks", DType::f8_e4m3, {1, 5});
  writer.declare("none", DType::i64, {0, 2});
  const std::vector<float> weight = {1, 2, 3, 4, 5, 6};
  writer.write(std::as_bytes(std::span(weight)));
  writer.write(std::vector<std::byte>(6 + 5, std::byte{3}));
  writer.finish();
  return read_file(folder / "small.safetensors");
}

TEST(Safetensors, what_was_written_is_read_back) {
  const std::string file = small_file();
  const Safetensors read = parsed(file);
  ASSERT_EQ(read.tensors().size(), 4u);
  const StoredTensor* weight = read.find("weight");
  EXPECT_EQ(weight->dtype, DType::f32);
  EXPECT_EQ(weight->shape, (std::vector<std::int64_t>{2, 3}));
  float last = 0.0f;
  std::memcpy(&last, weight->bytes.data() + 20, 4);
  EXPECT_EQ(last, 6.0f);
  EXPECT_EQ(read.find("blocks")->dtype, DType::f8_e4m3);
  EXPECT_EQ(read.find("blocks")->bytes.size(), 5u);
  EXPECT_TRUE(read.find("none")->bytes.empty());
  EXPECT_EQ(read.metadata().at("format"), "pt");
  EXPECT_EQ(read.find("absent"), nullptr);
}

TEST(Safetensors, a_file_cut_off_anywhere_is_refused) {
  const std::string whole = small_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parsed(whole.substr(0, size)), Error) << size;
  }
}

TEST(Safetensors, any_bits_turned_over_give_an_error_or_a_readable_file) {
  const std::string whole = small_file();
  std::mt19937 random(1);
  int refused = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string file = whole;
    for (int flips = 1 + trial % 3; flips > 0; --flips) {
      file[random() % file.size()] ^= static_cast<char>(1 << random() % 8);
    }
    try {
      std::size_t sum = 0;
      const Safetensors read = parsed(file);
      for (const auto& [name, tensor] : read.tensors()) {
        for (const std::byte byte : tensor.bytes) sum += static_cast<std::size_t>(byte);
      }
      EXPECT_GE(sum, 0u);  // every byte could be read
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Safetensors, each_kind_of_lie_in_the_header_is_refused) {
  const std::vector<std::string> lies = {
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})",
      R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1]}})",
      R"({"a":{"dtype":"F32","data_offsets":[0,4]}})",
      R"({"a":{"shape":[1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})",
      R"({"a":[]})",
      R"([])",
      R"({"__metadata__":{"a":1}})",
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
      R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296,4294967296],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551616]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}",
  };
  for (const std::string& lie : lies)
    EXPECT_THROW(parsed(file_of(lie, 8)), Error) << lie.substr(0, 120);
  EXPECT_NO_THROW(parsed(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)));
  EXPECT_THROW(parsed(std::string(8, '\xff') + "{}"), Error);
}

TEST(Safetensors, tensors_at_odd_addresses_are_given_out_aligned) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  for (std::size_t spaces = 0; spaces < 4; ++spaces) {
    const std::string file = file_of(header + std::string(spaces, ' '), 8);
    const Safetensors read = parsed(file);
    const auto bytes = read.find("a")->bytes;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 4, 0u);
    EXPECT_EQ(bytes[7], std::byte{1});
  }
}

void write_shard(const std::filesystem::path& path, const std::string& tensor) {
  SafetensorsWriter writer(path);
  writer.declare(tensor, DType::u8, {1});
  writer.write(std::vector<std::byte>(1, std::byte{9}));
  writer.finish();
}

TEST(Safetensors, the_shards_of_an_index_are_read_as_one) {
  const TemporaryFolder folder;
  write_shard(folder / "1.safetensors", "a");
  write_shard(folder / "2.safetensors", "b");
  const auto index = folder / "model.safetensors.index.json";
  write_file(index, R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  EXPECT_EQ(Safetensors::open(folder.path()).tensors().size(), 2u);
  for (const std::string wrong :
       {R"({"weight_map":{"a":"1.safetensors","c":"2.safetensors"}})",
        R"({"weight_map":{"a":"3.safetensors"}})", R"({"weight_map":{"a":"../1.safetensors"}})",
        R"({"weight_map":{"a":1}})", R"({"weight_map":[]})", R"({})", R"([])", "", "{"}) {
    write_file(index, wrong);
    EXPECT_THROW(Safetensors::open(folder.path()), Error) << wrong;
  }
}

TEST(Safetensors, a_folder_without_weights_says_so) {
  const TemporaryFolder folder;
  EXPECT_THROW(Safetensors::open(folder.path()), Error);
}

}  // namespace
}  // namespace r1
