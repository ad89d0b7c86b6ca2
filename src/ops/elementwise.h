// Norms, activations and sums over the rows of a tensor.
#pragma once

#include <span>

#include "base/tensor.h"

namespace r1 {

/// y = weight * x / sqrt(mean(x^2) + eps) over the last axis.
Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps);

/// gate * sigmoid(gate) * up, element by element (SwiGLU). If `rounded`, the backward gets gate and
/// up in bf16.
Tensor silu_mul(const Tensor& gate, const Tensor& up, bool rounded = false);

/// a + b.
Tensor add(const Tensor& a, const Tensor& b);

/// Numbers [first, first + count) of the last axis.
Tensor columns(const Tensor& x, std::int64_t first, std::int64_t count);

/// a's and b's last axes one after the other.
Tensor concatenate(const Tensor& a, const Tensor& b);

/// The rows of that index: x [rows, width] -> [indices, width].
Tensor select_rows(const Tensor& x, std::span<const std::int64_t> indices);

/// sum_i weights[i] x[i], summed in double: [1].
Tensor weighted_sum(const Tensor& x, std::span<const float> weights);

}  // namespace r1
