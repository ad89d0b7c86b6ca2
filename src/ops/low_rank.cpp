#include "ops/low_rank.h"

#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/matrix.h"
#include "ops/weight_gradient.h"

namespace r1 {
namespace {

Matrix as_matrix(const Tensor& tensor) {
  return {.data = reinterpret_cast<const std::byte*>(tensor.data()),
          .dtype = DType::f32,
          .rows = tensor.dim(0),
          .cols = tensor.dim(1),
          .row_bytes = tensor.dim(1) * 4,
          .block_scales = nullptr,
          .packed = false};
}

MatmulTask task_of(const Tensor& weight, const float* x, std::int64_t x_stride, std::int64_t tokens,
                   Tensor& y) {
  return {.weights = as_matrix(weight),
          .x = x,
          .x_stride = x_stride,
          .tokens = tokens,
          .y = y.data(),
          .y_stride = y.width(),
          .rounded = {}};
}

/// x [tokens, k] times `weight` [k, n], rows apart by the strides.
GemmTask product(const LowRankGradient& use, const float* x, std::int64_t x_stride,
                 const Tensor& weight, bool transposed, float* y, std::int64_t y_stride,
                 bool accumulate) {
  return {.m = use.tokens,
          .n = weight.dim(transposed ? 0 : 1),
          .k = weight.dim(transposed ? 1 : 0),
          .a = x,
          .a_stride = x_stride,
          .a_transposed = false,
          .b = weight.data(),
          .b_stride = weight.width(),
          .b_transposed = transposed,
          .b_rounded = {},
          .y = y,
          .y_stride = y_stride,
          .accumulate = accumulate};
}

Learned learned_or(const Learned& learned, const Tensor& itself) {
  return learned.parameter.defined() ? learned : Learned{itself};
}

}  // namespace

void add_low_rank(std::span<const LowRankUse> uses) {
  if (uses.empty()) return;
  std::vector<Tensor> inner, outer;
  for (const LowRankUse& use : uses) {
    inner.push_back(Tensor::empty({use.tokens, use.change->a.dim(0)}));
    outer.push_back(Tensor::empty({use.tokens, use.change->b.dim(0)}));
  }
  std::vector<MatmulTask> first, second;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const LowRankUse& use = uses[i];
    first.push_back(task_of(use.change->a, use.x, use.x_stride, use.tokens, inner[i]));
    second.push_back(
        task_of(use.change->b, inner[i].data(), inner[i].width(), use.tokens, outer[i]));
  }
  matmul(first, Precision::f32);
  matmul(second, Precision::f32);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const LowRankUse& use = uses[i];
    const Tensor& change = outer[i];
    parallel_blocks(use.tokens, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        add_scaled(change.data() + t * change.width(), use.change->factor, change.width(),
                   use.y + t * use.y_stride);
      }
    });
  }
}

/// With inner = factor A x and dinner = factor B^T dy: dB += dy^T inner, dA += dinner^T x.
void add_gradients(const LowRankGradient& use) {
  const LowRank& change = *use.change;
  const std::int64_t rank = change.a.dim(0), in = change.a.dim(1), out = change.b.dim(0);
  Tensor inner = Tensor::empty({use.tokens, rank}), dinner = Tensor::empty(inner.shape());
  const GemmTask first[] = {
      product(use, use.x, use.x_stride, change.a, true, inner.data(), rank, false),
      product(use, use.dy, use.dy_stride, change.b, false, dinner.data(), rank, false)};
  gemm(first, GemmNumbers::f32);
  multiply_by(inner.data(), change.factor, inner.elements());
  multiply_by(dinner.data(), change.factor, dinner.elements());
  const GemmTask second[] = {
      weight_gradient(learned_or(change.learned_b, change.b), {.out = out,
                                                               .in = rank,
                                                               .tokens = use.tokens,
                                                               .x = inner.data(),
                                                               .x_stride = rank,
                                                               .dy = use.dy,
                                                               .dy_stride = use.dy_stride}),
      weight_gradient(learned_or(change.learned_a, change.a), {.out = rank,
                                                               .in = in,
                                                               .tokens = use.tokens,
                                                               .x = use.x,
                                                               .x_stride = use.x_stride,
                                                               .dy = dinner.data(),
                                                               .dy_stride = rank}),
      product(use, dinner.data(), rank, change.a, false, use.dx, use.dx_stride, true)};
  gemm(second, GemmNumbers::f32);
}

}  // namespace r1
