// Linear layers: y = x W^T + b, with low-rank adapters.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "kernels/matrix.h"
#include "ops/low_rank.h"

namespace r1 {

/// One weight matrix of a model with what belongs to it.
struct Linear {
  Matrix weight;                      // [out, in]
  std::shared_ptr<const void> owner;  // what keeps the weight's bytes
  Tensor bias;                        // [out], or undefined
  std::vector<LowRank> adapters;
  Learned learned;
  Precision precision = Precision::native;
  bool fp8 = false;  // rounded as ops/fp8.h says, the weight (float) already, inputs and gradients

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

/// One product of a forward pass, for its backward: y = layer(x), rows x_stride and dy_stride
/// apart.
struct LinearUse {
  const Linear* layer = nullptr;
  std::int64_t tokens = 0;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  Bf16Rows x_rounded = {};  // x, if known; x is not read then
  const float* dy = nullptr;
  std::int64_t dy_stride = 0;
  float* dx = nullptr;
  std::int64_t dx_stride = 0;
  bool accumulate = false;  // add to dx, else set it
};

/// True if the gradient of a product with this layer needs its input in bf16 alone.
bool needs_rounded_input(const Linear& layer);

/// Adds to `changes` what the layer's adapters do beside a product with it.
void add_changes(const Linear& layer, const MatmulTask& task, std::vector<LowRankUse>& changes);

/// What the layer multiplies in the place of x [..., in]: x rounded, if the layer is fp8.
Tensor input_of(const Linear& layer, const Tensor& x);

/// Adds the gradients by what learns in the layers, and gives those by x. Products are rounded as
/// the forward's are: fp8, or bf16 unless the layer's product was float. All are computed together,
/// so no two uses may share their dx.
void linear_gradient(std::span<const LinearUse> uses);

/// Rows of the table: ids [tokens] -> [tokens, cols].
Tensor embedding(std::span<const int> ids, const Linear& table);

}  // namespace r1
