#include "kernels/reference/quantization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "kernels/reference/blocks.h"

namespace r1 {
namespace {

const std::filesystem::path kQuants = std::filesystem::path(R1_SHARED) / "goldens/quants";

/// The numbers of a float32 .npy of version 1, whose header these files pad to 128 bytes.
std::vector<float> numbers_of_npy(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  std::vector<float> numbers((file.size() - 128) / sizeof(float));
  std::memcpy(numbers.data(), file.data() + 128, numbers.size() * sizeof(float));
  return numbers;
}

std::vector<float> normal_numbers(std::size_t count, float deviation) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal(0.0f, deviation);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = normal(generator);
  return numbers;
}

/// Root of the mean squared error of a way through `type`, relative to the numbers' own.
double relative_error(DType type, const std::vector<float>& numbers) {
  std::vector<std::byte> blocks(
      static_cast<std::size_t>(bytes_of(type, static_cast<std::int64_t>(numbers.size()))));
  std::vector<float> back(numbers.size());
  quantize(type, numbers.data(), static_cast<std::int64_t>(numbers.size()), blocks.data());
  dequantize(type, blocks.data(), static_cast<std::int64_t>(numbers.size()), back.data());
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    error += std::pow(static_cast<double>(back[i]) - numbers[i], 2);
    power += std::pow(static_cast<double>(numbers[i]), 2);
  }
  return std::sqrt(error / power);
}

TEST(Quantization, every_golden_block_is_read_to_the_last_bit) {
  if (!std::filesystem::exists(kQuants)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)";
  for (const char* type :
       {"F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL"}) {
    const std::string blocks = read_file(kQuants / (std::string(type) + ".bin"));
    const std::vector<float> golden = numbers_of_npy(kQuants / (std::string(type) + ".npy"));
    std::vector<float> read(golden.size());
    dequantize(*parse_dtype(type), reinterpret_cast<const std::byte*>(blocks.data()),
               static_cast<std::int64_t>(read.size()), read.data());
    EXPECT_EQ(read, golden) << type;
  }
}

TEST(Quantization, q2_k_and_q3_k_blocks_are_read_as_they_are_defined) {
  // 0xe4 packs the numbers 0, 1, 2, 3, one for each run of 32 elements.
  blocks::Q2K two{};
  two.d = two.dmin = 0x3c00;  // 1
  for (int s = 0; s < 16; ++s) two.scales[s] = static_cast<std::uint8_t>(s | (s % 4) << 4);
  std::fill(std::begin(two.q), std::end(two.q), std::uint8_t{0xe4});
  std::vector<float> read(256);
  dequantize(DType::q2_k, reinterpret_cast<const std::byte*>(&two), 256, read.data());
  for (int i = 0; i < 256; ++i) {
    const int scale = i / 16, min = i / 16 % 4;
    ASSERT_EQ(read[static_cast<std::size_t>(i)], static_cast<float>(scale * (i / 32 % 4) - min))
        << i;
  }
  blocks::Q3K three{};
  three.d = 0x3c00;
  std::fill(std::begin(three.q), std::end(three.q), std::uint8_t{0xe4});
  std::fill(three.scales, three.scales + 8, std::uint8_t{0x11});       // low bits of 33
  std::fill(three.scales + 8, three.scales + 12, std::uint8_t{0xaa});  // high bits of 33
  for (int i = 0; i < 32; ++i) three.high[i] = 0x0f;  // third bit in the first four runs
  dequantize(DType::q3_k, reinterpret_cast<const std::byte*>(&three), 256, read.data());
  for (int i = 0; i < 256; ++i) {
    const int q = i / 32 % 4 - (i < 128 ? 0 : 4);
    ASSERT_EQ(read[static_cast<std::size_t>(i)], static_cast<float>(q)) << i;
  }
}

TEST(Quantization, simple_types_are_written_with_the_golden_bytes) {
  if (!std::filesystem::exists(kQuants)) GTEST_SKIP() << "needs the folder of goldens (R1_SHARED)";
  const std::vector<float> source = numbers_of_npy(kQuants / "source.npy");
  for (const char* type : {"F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"}) {
    const std::string golden = read_file(kQuants / (std::string(type) + ".bin"));
    std::string written(golden.size(), '\0');
    quantize(*parse_dtype(type), source.data(), static_cast<std::int64_t>(source.size()),
             reinterpret_cast<std::byte*>(written.data()));
    EXPECT_EQ(written, golden) << type;
  }
}

TEST(Quantization, error_on_normal_numbers_stays_at_what_each_type_can_do) {
  const std::vector<float> numbers = normal_numbers(256 * 256, 0.02f);
  const std::vector<std::pair<DType, double>> limits = {
      {DType::f32, 0.0},    {DType::f16, 3e-4},   {DType::bf16, 2.5e-3}, {DType::q8_0, 6e-3},
      {DType::q6_k, 0.018}, {DType::q5_k, 0.037}, {DType::q5_1, 0.041},  {DType::q5_0, 0.046},
      {DType::q4_k, 0.075}, {DType::q4_1, 0.083}, {DType::q4_0, 0.092},
  };
  for (const auto& [type, limit] : limits) {
    EXPECT_LE(relative_error(type, numbers), limit) << name(type);
    EXPECT_TRUE(can_quantize(type));
  }
  EXPECT_FALSE(can_quantize(DType::q2_k));
}

TEST(Quantization, blocks_of_zeros_and_of_one_value_come_back_as_they_were) {
  for (const float value : {0.0f, 0.5f, -0.5f}) {
    const std::vector<float> numbers(256, value);
    for (const DType type : {DType::q8_0, DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1,
                             DType::q4_k, DType::q5_k, DType::q6_k}) {
      std::vector<std::byte> blocks(static_cast<std::size_t>(bytes_of(type, 256)));
      std::vector<float> back(256);
      quantize(type, numbers.data(), 256, blocks.data());
      dequantize(type, blocks.data(), 256, back.data());
      for (const float number : back) ASSERT_NEAR(number, value, 1e-3) << name(type);
    }
  }
}

TEST(Quantization, numbers_that_are_not_finite_do_no_harm) {
  std::vector<float> numbers = normal_numbers(256, 1.0f);
  numbers[3] = NAN;
  numbers[100] = INFINITY;
  numbers[200] = -INFINITY;
  numbers[201] = 3e38f;
  for (const DType type : {DType::q8_0, DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1,
                           DType::q4_k, DType::q5_k, DType::q6_k, DType::f16, DType::bf16}) {
    std::vector<std::byte> blocks(static_cast<std::size_t>(bytes_of(type, 256)));
    quantize(type, numbers.data(), 256, blocks.data());
  }
}

}  // namespace
}  // namespace r1
