// The gradient by a weight that learns.
#pragma once

#include <cstdint>

#include "kernels/bf16_rows.h"
#include "kernels/gemm.h"
#include "ops/learned.h"

namespace r1 {

/// One product of a forward pass, y = x W^T, W [out, in]; rows x_stride and dy_stride apart.
struct WeightUse {
  std::int64_t out = 0, in = 0, tokens = 0;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  Bf16Rows x_rounded = {};  // x, if known; x is not read then
  const float* dy = nullptr;
  std::int64_t dy_stride = 0;
};

/// dW += dy^T x, or its transpose, in the gradient of the parameter that W is a copy of. Tasks of
/// one gemm() must not share rows of a parameter.
GemmTask weight_gradient(const Learned& learned, const WeightUse& use);

}  // namespace r1
