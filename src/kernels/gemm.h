// Products of two matrices of floats, either of which may lie transposed: the gradients of linear
// layers. With dY [tokens, out], X [tokens, in] and W [out, in]:  dX = dY W,  dW = dY^T X.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/bf16_rows.h"

namespace r1 {

/// What the operands of a product are rounded to; sums are float.
enum class GemmNumbers : std::uint8_t {
  f32,
  bf16,  // where the instruction set has bf16 dot products, else as f32
};

/// y[m, n] = sum_k a[m, k] b[k, n], or y += that sum.
struct GemmTask {
  std::int64_t m = 0, n = 0, k = 0;
  const float* a =
      nullptr;  // element (m, k) at a[m * a_stride + k], transposed a[k * a_stride + m]
  std::int64_t a_stride = 0;
  bool a_transposed = false;
  const float* b =
      nullptr;  // element (k, n) at b[k * b_stride + n], transposed b[n * b_stride + k]
  std::int64_t b_stride = 0;
  bool b_transposed = false;
  Bf16Rows b_rounded = {};  // b, unless it lies transposed; in bf16 b may then be null
  float* y = nullptr;       // rows y_stride floats apart; may not overlap a or b
  std::int64_t y_stride = 0;
  bool accumulate = false;
};

/// Computes all tasks together. Each element is summed by one thread from zero over k upward, so
/// it does not depend on the other tasks or on threads.
void gemm(std::span<const GemmTask> tasks, GemmNumbers numbers);

}  // namespace r1
