// A weight matrix as it lies in a file, and products with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "kernels/bf16_rows.h"

namespace r1 {

/// rows x cols weights: each row a run of the type's blocks, or packed (kernels/packing.h).
struct Matrix {
  const std::byte* data = nullptr;
  DType dtype = DType::f32;
  std::int64_t rows = 0, cols = 0;
  std::int64_t row_bytes = 0;
  /// f8_e4m3 only: one factor a 128x128 block, [ceil(rows/128), ceil(cols/128)]; else null.
  const float* block_scales = nullptr;
  bool packed = false;

  /// Rows [first, first + count); first must be a multiple of 16 if packed, of 128 with
  /// block_scales.
  Matrix slice(std::int64_t first, std::int64_t count) const;
};

/// How the activations of a product are rounded.
enum class Precision : std::uint8_t {
  native,  // as the weight type's fast instruction wants them: int8 in blocks of 32, or bf16
  f32,     // not at all: weights are dequantized exactly, products and sums are float
};

/// True if a product with these weights rounds its activations to bf16.
bool rounds_to_bf16(const Matrix& weights, Precision precision);

/// y[t, r] = sum_k x[t, k] w[r, k] for t < tokens.
struct MatmulTask {
  Matrix weights;
  const float* x = nullptr;  // [tokens, cols], rows x_stride floats apart
  std::int64_t x_stride = 0;
  std::int64_t tokens = 0;
  float* y = nullptr;  // [tokens, rows], rows y_stride floats apart; may not overlap x
  std::int64_t y_stride = 0;
  Bf16Rows rounded = {};  // x, if known: the same numbers rounded, which are read in its place
};

/// Computes all tasks together on the pool's threads. Each element of y is summed by one thread
/// over k in one fixed order, so it does not depend on tokens, on the other tasks or on threads.
/// cols must be a multiple of the weight type's block.
void matmul(std::span<const MatmulTask> tasks, Precision precision);

/// out[0 .. cols) = row `row` of the matrix, dequantized.
void dequantize_row(const Matrix& matrix, std::int64_t row, float* out);

}  // namespace r1
