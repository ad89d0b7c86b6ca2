#include "formats/gguf.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

std::span<const std::byte> bytes_of_text(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A small file with a value of every type, nested arrays and tensors of several types.
std::string small_file() {
  const TemporaryFolder folder;
  GgufWriter writer(folder / "small.gguf");
  GgufMetadata& metadata = writer.metadata();
  metadata.set("general.architecture", std::string("llama"));
  metadata.set("u8", std::uint8_t{200});
  metadata.set("i8", std::int8_t{-7});
  metadata.set("u16", std::uint16_t{60000});
  metadata.set("i16", std::int16_t{-300});
  metadata.set("u32", std::uint32_t{4000000000u});
  metadata.set("i32", std::int32_t{-5});
  metadata.set("f32", 1e-6f);
  metadata.set("yes", GgufBool::yes);
  metadata.set("u64", ~std::uint64_t{0});
  metadata.set("i64", std::int64_t{-1});
  metadata.set("f64", 0.1);
  metadata.set("tokens",
               GgufArray{std::vector<std::string>{"a", "", "long enough for the heap, surely"}});
  metadata.set("types", GgufArray{std::vector<std::int32_t>{1, 2, 3}});
  metadata.set("flags", GgufArray{std::vector<GgufBool>{GgufBool::yes, GgufBool::no}});
  metadata.set("empty", GgufArray{std::vector<float>{}});
  const GgufArray inner{std::vector<std::uint16_t>{1, 2}};
  metadata.set("nested",
               GgufArray{std::vector<GgufArray>{inner, GgufArray{std::vector<double>{}}}});
  writer.declare("plain", DType::f32, {2, 3});
  writer.declare("none", DType::f32, {0, 4});
  writer.declare("quantized", DType::q8_0, {2, 32});
  writer.declare("scalar", DType::f16, {});
  const std::vector<float> plain = {1, 2, 3, 4, 5, 6};
  writer.write(std::as_bytes(std::span(plain).first(2)));
  writer.write(std::as_bytes(std::span(plain).subspan(2)));
  writer.write(std::vector<std::byte>(68, std::byte{1}));
  writer.write(std::vector<std::byte>(2, std::byte{2}));
  writer.finish();
  return read_file(folder / "small.gguf");
}

/// Overwrites a little-endian number where `marker` is followed by it.
template <typename Number>
std::string with_number(std::string file, const std::string& marker, std::size_t behind,
                        Number value) {
  const std::size_t at = file.find(marker);
  EXPECT_NE(at, std::string::npos);
  std::memcpy(file.data() + at + marker.size() + behind, &value, sizeof(value));
  return file;
}

Gguf parsed(const std::string& file) {
  return Gguf::parse(bytes_of_text(file), "test.gguf");
}

TEST(Gguf, what_was_written_is_read_back_value_by_value) {
  const std::string file = small_file();
  const Gguf gguf = parsed(file);
  const GgufMetadata& metadata = gguf.metadata();
  EXPECT_EQ(*metadata.text("general.architecture"), "llama");
  EXPECT_EQ(metadata.integer("u8"), 200);
  EXPECT_EQ(metadata.integer("i8"), -7);
  EXPECT_EQ(metadata.integer("u16"), 60000);
  EXPECT_EQ(metadata.integer("i16"), -300);
  EXPECT_EQ(metadata.integer("u32"), 4000000000);
  EXPECT_EQ(metadata.integer("i32"), -5);
  EXPECT_EQ(metadata.number("f32"), 1e-6);
  EXPECT_EQ(metadata.boolean("yes"), true);
  EXPECT_EQ(metadata.integer("u64"), std::nullopt);  // beyond the signed range
  EXPECT_EQ(metadata.integer("i64"), -1);
  EXPECT_EQ(metadata.number("f64"), 0.1);
  EXPECT_EQ(metadata.strings("tokens")->at(2), "long enough for the heap, surely");
  EXPECT_EQ(metadata.integers("types"), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_TRUE(metadata.floats("empty")->empty());
  const auto& nested = std::get<GgufArray>(*metadata.find("nested"));
  EXPECT_EQ(std::get<std::vector<GgufArray>>(nested.elements).size(), 2u);
  EXPECT_EQ(metadata.integer("tokens"), std::nullopt);
  EXPECT_EQ(metadata.text("absent"), nullptr);

  ASSERT_EQ(gguf.tensors().size(), 4u);
  const StoredTensor* plain = gguf.find("plain");
  EXPECT_EQ(plain->shape, (std::vector<std::int64_t>{2, 3}));
  float last = 0.0f;
  std::memcpy(&last, plain->bytes.data() + 20, 4);
  EXPECT_EQ(last, 6.0f);
  EXPECT_TRUE(gguf.find("none")->bytes.empty());
  EXPECT_EQ(gguf.find("quantized")->dtype, DType::q8_0);
  EXPECT_EQ(gguf.find("quantized")->bytes.size(), 68u);
  EXPECT_EQ(gguf.find("scalar")->bytes[0], std::byte{2});
}

TEST(Gguf, a_file_cut_off_anywhere_is_refused) {
  const std::string whole = small_file();
  // The last tensor's two bytes are followed by padding, which may be missing.
  const std::size_t needed = whole.find_last_not_of('\0') + 1;
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_THROW(parsed(whole.substr(0, size)), Error) << size;
  }
  EXPECT_NO_THROW(parsed(whole.substr(0, needed)));
}

TEST(Gguf, any_bits_turned_over_give_an_error_or_a_readable_file) {
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
      const Gguf gguf = parsed(file);
      for (const StoredTensor& tensor : gguf.tensors()) {
        for (const std::byte byte : tensor.bytes) sum += static_cast<std::size_t>(byte);
      }
      EXPECT_GE(sum, 0u);  // every byte could be read
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Gguf, each_kind_of_lie_in_the_header_is_refused) {
  const std::string file = small_file();
  const auto huge = std::uint64_t{1} << 62;
  const std::string magic = "GGUF", plain = "plain", scalar = "scalar";
  const std::vector<std::pair<const char*, std::string>> lies = {
      {"version 1", with_number(file, magic, 0, std::uint32_t{1})},
      {"big-endian", with_number(file, magic, 0, std::uint32_t{0x03000000})},
      {"tensor count", with_number(file, magic, 4, huge)},
      {"value count", with_number(file, magic, 12, huge)},
      {"length of a text", with_number(file, "general.architecture", 4, ~std::uint64_t{0})},
      {"type of a value", with_number(file, "general.architecture", 0, std::uint32_t{13})},
      {"type of an array", with_number(file, "tokens", 4, std::uint32_t{99})},
      {"length of an array of texts", with_number(file, "tokens", 8, huge)},
      {"length of an array of numbers", with_number(file, "types", 8, huge)},
      {"count of dimensions", with_number(file, plain, 0, std::uint32_t{5})},
      {"negative dimension", with_number(file, plain, 4, ~std::uint64_t{0})},
      {"product of dimensions", with_number(with_number(file, plain, 4, std::uint64_t{1} << 32),
                                            plain, 12, std::uint64_t{1} << 32)},
      {"product of bytes", with_number(file, plain, 4, huge / 2)},
      {"type of a tensor", with_number(file, plain, 20, std::uint32_t{5})},
      {"row that blocks don't divide", with_number(file, "quantized", 4, std::uint64_t{33})},
      {"unaligned offset", with_number(file, plain, 24, std::uint64_t{1})},
      {"offset beyond the end", with_number(file, plain, 24, std::uint64_t{1} << 20)},
      {"offset that wraps", with_number(file, plain, 24, ~std::uint64_t{0} - 31)},
      {"overlap", with_number(file, scalar, 8, std::uint64_t{32})},
  };
  for (const auto& [name, lie] : lies) EXPECT_THROW(parsed(lie), Error) << name;
}

TEST(Gguf, names_that_occur_twice_are_refused) {
  std::string file = small_file();
  file.replace(file.find("i8"), 2, "u8");
  EXPECT_THROW(parsed(file), Error);
  file = small_file();
  file.replace(file.find("plain"), 5, "xnone");
  EXPECT_NO_THROW(parsed(file));
  file = small_file();
  const std::size_t at = file.find("none");
  file.replace(at, 4, "same");
  file.replace(file.find("plain") - 8, 8 + 5, std::string("\x04\0\0\0\0\0\0\0same", 12));
  EXPECT_THROW(parsed(file), Error);
}

TEST(Gguf, arrays_nested_without_end_are_refused) {
  std::string file("GGUF\x03\0\0\0", 8);
  const auto put = [&](auto number) {
    file.append(reinterpret_cast<const char*>(&number), sizeof(number));
  };
  put(std::uint64_t{0});
  put(std::uint64_t{1});
  put(std::uint64_t{1});
  file += 'k';
  put(std::uint32_t{9});
  for (int depth = 0; depth < 100000; ++depth) {
    put(std::uint32_t{9});
    put(std::uint64_t{1});
  }
  EXPECT_THROW(parsed(file), Error);
}

void write_part(const std::filesystem::path& path, int part, int parts, const std::string& tensor) {
  GgufWriter writer(path);
  writer.metadata().set("split.no", static_cast<std::uint16_t>(part));
  writer.metadata().set("split.count", static_cast<std::uint16_t>(parts));
  writer.metadata().set("split.tensors.count", std::int32_t{2});
  writer.declare(tensor, DType::f32, {1});
  const float value = static_cast<float>(part);
  writer.write(std::as_bytes(std::span(&value, 1)));
  writer.finish();
}

TEST(Gguf, the_parts_of_a_split_model_are_read_as_one) {
  const TemporaryFolder folder;
  write_part(folder / "m-00001-of-00002.gguf", 0, 2, "a");
  write_part(folder / "m-00002-of-00002.gguf", 1, 2, "b");
  const Gguf gguf = Gguf::open(folder / "m-00001-of-00002.gguf");
  ASSERT_EQ(gguf.tensors().size(), 2u);
  float value = 0.0f;
  std::memcpy(&value, gguf.find("b")->bytes.data(), sizeof(value));
  EXPECT_EQ(value, 1.0f);

  EXPECT_THROW(Gguf::open(folder / "m-00002-of-00002.gguf"), Error);
  write_part(folder / "m-00002-of-00002.gguf", 1, 2, "a");
  EXPECT_THROW(Gguf::open(folder / "m-00001-of-00002.gguf"), Error);
  write_part(folder / "m-00002-of-00002.gguf", 0, 2, "b");
  EXPECT_THROW(Gguf::open(folder / "m-00001-of-00002.gguf"), Error);
  std::filesystem::remove(folder / "m-00002-of-00002.gguf");
  EXPECT_THROW(Gguf::open(folder / "m-00001-of-00002.gguf"), Error);
}

TEST(GgufWriter, leaves_nothing_behind_when_it_is_not_finished) {
  const TemporaryFolder folder;
  {
    GgufWriter writer(folder / "x.gguf");
    writer.declare("a", DType::f32, {4});
    writer.write(std::vector<std::byte>(8));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(GgufWriter, refuses_tensors_that_the_format_can_not_hold) {
  const TemporaryFolder folder;
  GgufWriter writer(folder / "x.gguf");
  EXPECT_THROW(writer.declare("a", DType::q4_k, {2, 100}), Error);
  EXPECT_THROW(writer.declare("a", DType::f8_e4m3, {2, 100}), Error);
}

TEST(Gguf, a_vocabulary_of_a_hundred_and_fifty_thousand_tokens_is_read_in_a_moment) {
  const TemporaryFolder folder;
  std::vector<std::string> tokens, merges;
  for (int i = 0; i < 150000; ++i) {
    tokens.push_back("token" + std::to_string(i));
    merges.push_back("left" + std::to_string(i) + " right");
  }
  GgufWriter writer(folder / "v.gguf");
  writer.metadata().set("tokenizer.ggml.tokens", GgufArray{tokens});
  writer.metadata().set("tokenizer.ggml.merges", GgufArray{merges});
  writer.finish();
  const auto start = std::chrono::steady_clock::now();
  const Gguf gguf = Gguf::open(folder / "v.gguf");
  const auto taken = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(*gguf.metadata().strings("tokenizer.ggml.merges"), merges);
  EXPECT_LT(taken, std::chrono::seconds(1));  // some ten milliseconds without a sanitizer
}

}  // namespace
}  // namespace r1
