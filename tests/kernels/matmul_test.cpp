#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "base/threads.h"
#include "kernels/isa.h"
#include "kernels/matrix.h"
#include "kernels/packing.h"
#include "kernels/reference/quantization.h"
#include "restored_settings.h"

namespace r1 {
namespace {

/// Restores the processor's own instruction set and all threads at the end of a test.
struct Weights {
  std::vector<std::byte> bytes;
  std::vector<float> scales;
  Matrix matrix;
};

/// Random weights: quantized from normal numbers where the type can be written, else valid blocks
/// of random bytes with a small f16 scale.
Weights random_weights(DType type, std::int64_t rows, std::int64_t cols, std::mt19937& rng) {
  std::normal_distribution<float> normal(0.0f, 0.1f);
  std::vector<float> values(static_cast<std::size_t>(rows * cols));
  for (float& value : values) value = normal(rng);
  Weights w;
  w.bytes.resize(static_cast<std::size_t>(bytes_of(type, rows * cols)));
  if (can_quantize(type)) {
    quantize(type, values.data(), rows * cols, w.bytes.data());
  } else {
    for (std::byte& byte : w.bytes) byte = static_cast<std::byte>(rng());
    if (type == DType::f8_e4m3) {
      for (std::byte& byte : w.bytes) byte &= std::byte{0xb7};
    } else {
      for (std::size_t at = 0; at < w.bytes.size();
           at += static_cast<std::size_t>(info(type).block_bytes)) {
        w.bytes[at + 1] = std::byte{0x20};
      }
    }
  }
  w.matrix = {w.bytes.data(), type, rows, cols, bytes_of(type, cols), nullptr, false};
  if (type == DType::f8_e4m3) {
    for (std::int64_t i = 0; i < (rows + 127) / 128 * ((cols + 127) / 128); ++i) {
      w.scales.push_back(std::exp(normal(rng)));
    }
    w.matrix.block_scales = w.scales.data();
  }
  return w;
}

std::vector<float> random_floats(std::int64_t count, std::mt19937& rng) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(rng);
  return values;
}

std::vector<float> multiply(const Matrix& w, const std::vector<float>& x, std::int64_t tokens,
                            Precision precision) {
  std::vector<float> y(static_cast<std::size_t>(tokens * w.rows),
                       std::numeric_limits<float>::quiet_NaN());
  const MatmulTask task = {w, x.data(), w.cols, tokens, y.data(), w.rows};
  matmul({&task, 1}, precision);
  return y;
}

const DType kTypes[] = {DType::f32,  DType::f16,  DType::bf16,  DType::f8_e4m3, DType::q8_0,
                        DType::q4_0, DType::q4_1, DType::q5_0,  DType::q5_1,    DType::q4_k,
                        DType::q5_k, DType::q6_k, DType::iq4_nl};

std::int64_t random_columns(DType type, std::mt19937& rng) {
  const std::int64_t block = info(type).block;
  if (block == 256) return 256 * (1 + rng() % 3);
  return block == 32 ? 32 * (1 + rng() % 20) : 1 + rng() % 400;
}

TEST(Matmul, equals_the_dequantized_product_within_the_rounding_of_activations) {
  const RestoredSettings restored;
  std::mt19937 rng(1);
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (DType type : kTypes) {
      for (Precision precision : {Precision::native, Precision::f32}) {
        const std::int64_t rows = 1 + rng() % 150, cols = random_columns(type, rng);
        const std::int64_t tokens = 1 + rng() % 12;
        const Weights w = random_weights(type, rows, cols, rng);
        const auto x = random_floats(tokens * cols, rng);
        const auto y = multiply(w.matrix, x, tokens, precision);
        std::vector<float> row(static_cast<std::size_t>(cols));
        for (std::int64_t r = 0; r < rows; ++r) {
          dequantize_row(w.matrix, r, row.data());
          for (std::int64_t t = 0; t < tokens; ++t) {
            double want = 0, bound = 0;
            for (std::int64_t k = 0; k < cols; ++k) {
              const float* xt = &x[static_cast<std::size_t>(t * cols)];
              want += static_cast<double>(xt[k]) * row[static_cast<std::size_t>(k)];
              // Half a step of int8 in a block of 32 (largest / 254), or of bf16 (2^-9).
              float largest = 0;
              for (std::int64_t i = k / 32 * 32; i < std::min(cols, k / 32 * 32 + 32); ++i) {
                largest = std::max(largest, std::fabs(xt[i]));
              }
              const bool exact =
                  precision == Precision::f32 || type == DType::f32 || type == DType::f16;
              const double step = exact                ? 1e-6 * std::fabs(xt[k])
                                  : is_quantized(type) ? largest / 254
                                                       : std::fabs(xt[k]) * 0x1p-9;
              bound += std::fabs(row[static_cast<std::size_t>(k)]) * (step + 1e-6);
            }
            ASSERT_NEAR(y[static_cast<std::size_t>(t * rows + r)], want, bound * 1.001 + 1e-6)
                << name(isa) << ' ' << name(type) << " row " << r << " token " << t;
          }
        }
      }
    }
  }
}

TEST(Matmul, quantized_types_agree_bit_for_bit_between_instruction_sets) {
  const RestoredSettings restored;
  std::mt19937 rng(2);
  for (DType type : kTypes) {
    if (!is_quantized(type)) continue;
    const std::int64_t rows = 1 + rng() % 200, cols = random_columns(type, rng);
    const Weights w = random_weights(type, rows, cols, rng);
    const auto x = random_floats(11 * cols, rng);
    set_isa(Isa::reference);
    const auto want = multiply(w.matrix, x, 11, Precision::native);
    for (Isa isa : available_isas()) {
      set_isa(isa);
      const auto y = multiply(w.matrix, x, 11, Precision::native);
      EXPECT_EQ(std::memcmp(want.data(), y.data(), y.size() * 4), 0)
          << name(isa) << ' ' << name(type);
    }
  }
}

TEST(Matmul, a_token_has_the_same_bits_alone_in_a_batch_and_with_any_number_of_threads) {
  const RestoredSettings restored;
  std::mt19937 rng(3);
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (DType type : kTypes) {
      for (Precision precision : {Precision::native, Precision::f32}) {
        const std::int64_t rows = 100 + rng() % 200, cols = random_columns(type, rng), tokens = 33;
        const Weights w = random_weights(type, rows, cols, rng);
        const auto x = random_floats(tokens * cols, rng);
        set_threads(2);
        const auto together = multiply(w.matrix, x, tokens, precision);
        for (int count : {1, 3}) {
          set_threads(count);
          const auto again = multiply(w.matrix, x, tokens, precision);
          EXPECT_EQ(std::memcmp(again.data(), together.data(), again.size() * 4), 0);
        }
        for (std::int64_t t = 0; t < tokens; t += 8) {
          const std::vector<float> one(x.begin() + t * cols, x.begin() + (t + 1) * cols);
          const auto alone = multiply(w.matrix, one, 1, precision);
          EXPECT_EQ(std::memcmp(alone.data(), &together[static_cast<std::size_t>(t * rows)],
                                alone.size() * 4),
                    0)
              << name(isa) << ' ' << name(type) << " token " << t;
        }
      }
    }
  }
}

TEST(Matmul, packed_weights_give_the_same_bits_and_the_same_rows_as_the_files_layout) {
  const RestoredSettings restored;
  std::mt19937 rng(4);
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (DType type : kTypes) {
      for (Precision precision : {Precision::native, Precision::f32}) {
        const std::int64_t block = std::max<std::int64_t>(info(type).block, 8);
        const std::int64_t rows = 16 + rng() % 200, cols = block * (1 + rng() % 9);
        const Weights w = random_weights(type, rows, cols, rng);
        if (!can_pack(w.matrix)) continue;
        std::vector<std::byte> bytes(w.bytes.size());
        const Matrix packed = pack(w.matrix, bytes.data());
        for (std::int64_t tokens : {1, 7}) {
          const auto x = random_floats(tokens * cols, rng);
          const auto want = multiply(w.matrix, x, tokens, precision);
          const auto y = multiply(packed, x, tokens, precision);
          EXPECT_EQ(std::memcmp(want.data(), y.data(), y.size() * 4), 0)
              << name(isa) << ' ' << name(type) << ' ' << tokens;
        }
        std::vector<float> one(static_cast<std::size_t>(cols)), other(one.size());
        for (std::int64_t row = 0; row < rows; row += 5) {
          dequantize_row(w.matrix, row, one.data());
          dequantize_row(packed, row, other.data());
          EXPECT_EQ(std::memcmp(one.data(), other.data(), one.size() * 4), 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace r1
