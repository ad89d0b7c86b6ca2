// The arithmetic of optimizers on raw memory. Moments are float, or bf16 rounded to the nearest.
#pragma once

#include <cstdint>

namespace r1 {

/// AdamW (Loshchilov and Hutter, Decoupled weight decay regularization) for one step:
///   w *= keep;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= rate * m / (sqrt(v) * root + eps)
/// with g = scale * gradient. The step is made with the moments as they are kept.
struct AdamWStep {
  float keep;  // 1 - learning rate * weight decay
  float beta1, beta2;
  float rate;  // learning rate / (1 - beta1^step)
  float root;  // 1 / sqrt(1 - beta2^step)
  float eps;
  float scale;  // what clipping leaves of the gradient
};
void adamw(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
           float* first, float* second);
void adamw(const AdamWStep& step, const float* gradient, std::int64_t count, float* weight,
           std::uint16_t* first, std::uint16_t* second);

/// moment = decay * moment + g;  direction = g + decay * moment, with g = scale * gradient.
void nesterov(float decay, float scale, const float* gradient, std::int64_t count, float* moment,
              float* direction);
void nesterov(float decay, float scale, const float* gradient, std::int64_t count,
              std::uint16_t* moment, float* direction);

/// y[i] = a x[i] + b y[i].
void combine(float a, const float* x, float b, std::int64_t count, float* y);

/// sum_i x[i]^2; floats are summed in runs of 1024 and those in double.
double sum_of_squares(const float* x, std::int64_t count);

}  // namespace r1
