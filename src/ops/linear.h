// Linear layers: y = x W^T + b, with low-rank adapters.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "kernels/matrix.h"

namespace r1 {

/// A low-rank change of a weight: W' = W + factor B A (Hu et al., LoRA, eq. 3).
struct LowRank {
  Tensor a;  // [rank, in]
  Tensor b;  // [out, rank]
  float factor = 1.0f;
};

/// One weight matrix of a model with what belongs to it.
struct Linear {
  Matrix weight;                      // [out, in]
  std::shared_ptr<const void> owner;  // what keeps the weight's bytes
  Tensor bias;                        // [out], or undefined
  std::vector<LowRank> adapters;
  Precision precision = Precision::native;

  std::int64_t in() const { return weight.cols; }
  std::int64_t out() const { return weight.rows; }
  std::int64_t bytes() const { return weight.rows * weight.row_bytes; }
};

/// x [..., in] -> [..., out].
Tensor linear(const Tensor& x, const Linear& layer);
/// Several layers of one input, computed together.
std::vector<Tensor> linear(const Tensor& x, std::span<const Linear* const> layers);

/// A layer for each head: x [tokens, heads, in] -> [tokens, heads, out].
Tensor linear_heads(const Tensor& x, std::span<const Linear> heads);

/// Rows of the table: ids [tokens] -> [tokens, cols].
Tensor embedding(std::span<const int> ids, const Linear& table);

}  // namespace r1
