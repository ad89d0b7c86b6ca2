// Low-rank changes of weights (Hu et al., LoRA, eq. 3).
#pragma once

#include <cstdint>
#include <span>

#include "base/tensor.h"
#include "ops/learned.h"

namespace r1 {

/// W' = W + factor B A.
struct LowRank {
  Tensor a;  // [rank, in]
  Tensor b;  // [out, rank]
  float factor = 1.0f;
  Learned learned_a = {}, learned_b = {};  // what a and b are copies of; undefined: of nothing
};

/// Rows that go through a changed weight, x_stride and y_stride apart.
struct LowRankUse {
  const LowRank* change = nullptr;
  std::int64_t tokens = 0;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  float* y = nullptr;
  std::int64_t y_stride = 0;
};

/// y += factor B A x, in float; all are computed together, and added one after the other.
void add_low_rank(std::span<const LowRankUse> uses);

/// Adds the gradients by A and B, and dx += factor A^T B^T dy.
struct LowRankGradient {
  const LowRank* change = nullptr;
  std::int64_t tokens = 0;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  const float* dy = nullptr;
  std::int64_t dy_stride = 0;
  float* dx = nullptr;
  std::int64_t dx_stride = 0;
};
void add_gradients(const LowRankGradient& use);

}  // namespace r1
