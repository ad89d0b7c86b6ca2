// Gradients of the row-wise arithmetic of kernels/elementwise.h. They add to their results, or set
// them where `accumulate` is false.
#pragma once

#include <cstdint>

namespace r1 {

/// y = weight x / sqrt(mean(x^2) + eps) over a row: gives dL/dx to dx, returns the row's factor
/// 1 / sqrt(...), by which dweight += factor * dy * x.
float rms_norm_row_gradient(const float* x, const float* weight, const float* dy, float eps,
                            std::int64_t width, bool accumulate, float* dx);

/// y = gate * sigmoid(gate) * up.
void silu_mul_gradient(const float* gate, const float* up, const float* dy, std::int64_t count,
                       bool accumulate, float* dgate, float* dup);
void silu_mul_gradient(const std::uint16_t* gate, const std::uint16_t* up, const float* dy,
                       std::int64_t count, bool accumulate, float* dgate, float* dup);

/// out[i] += factor * a[i] * b[i].
void add_product(const float* a, const float* b, float factor, std::int64_t count, float* out);

/// sum_i a[i] b[i].
float dot(const float* a, const float* b, std::int64_t count);

/// x[i] = factor * exp(x[i] - log_total): a row of logits becomes its softmax times factor.
void scaled_softmax(float* x, float log_total, float factor, std::int64_t count);

/// One key against queries [0, count) of attention. For first <= i < last, with scaled scores
/// s = scale * scores[i]:  p[i] = exp(s - log_total[i]),  ds[i] = scale * p[i] (dp[i] -
/// mean_dp[i]); both are 0 elsewhere. (Dao et al., FlashAttention, algorithm 4.) p may be scores,
/// ds may be dp.
struct AttentionQueries {
  const float* log_total;  // log of the sum of exp of each query's scaled scores
  const float* mean_dp;    // sum over keys of p dp, which is dout . out
  float scale;
};
void attention_weights_gradient(const float* scores, const float* dp,
                                const AttentionQueries& queries, std::int64_t first,
                                std::int64_t last, std::int64_t count, float* p, float* ds);

}  // namespace r1
