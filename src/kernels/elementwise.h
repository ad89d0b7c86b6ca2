// Row-wise arithmetic on floats: what stands between the matrix products.
#pragma once

#include <cstdint>

namespace r1 {

/// out[i] = weight[i] * x[i] / sqrt(mean(x^2) + eps) over one row (Zhang and Sennrich, RMSNorm).
/// out may be x.
void rms_norm_row(const float* x, const float* weight, float eps, std::int64_t width, float* out);

/// out[i] = gate[i] * sigmoid(gate[i]) * up[i] (SwiGLU; Shazeer, GLU Variants). out may be gate.
void silu_mul(const float* gate, const float* up, std::int64_t count, float* out);

/// out[i] = a[i] + b[i]. out may be a.
void add(const float* a, const float* b, std::int64_t count, float* out);

/// out[i] = fma(factor, x[i], out[i]).
void add_scaled(const float* x, float factor, std::int64_t count, float* out);

/// bf16 of x rounded to the nearest, and back exactly. Finite numbers only.
void to_bf16(const float* x, std::int64_t count, std::uint16_t* out);
void from_bf16(const std::uint16_t* x, std::int64_t count, float* out);

/// One step of a softmax that sees its scores block after block (Milakov and Gimelshein, "Online
/// normalizer calculation for softmax").
struct OnlineSoftmax {
  float largest;  // of the scaled scores so far; start with -infinity
  float sum;      // of exp(score - largest) so far; start with 0
};
/// Replaces scores[0 .. valid) by exp(scale * score - largest) and scores[valid .. count) by 0,
/// updates the state, and returns the factor by which what was summed before must shrink.
/// 0 < valid <= count; count is a multiple of 64.
float online_softmax(float* scores, std::int64_t valid, std::int64_t count, float scale,
                     OnlineSoftmax& state);

/// x[i] *= factor.
void multiply_by(float* x, float factor, std::int64_t count);

/// log(sum_i exp(x[i])), computed from the largest down, in double.
double log_sum_exp(const float* x, std::int64_t count);

}  // namespace r1
