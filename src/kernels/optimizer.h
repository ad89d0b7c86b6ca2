// The arithmetic of optimizers on raw memory.
#pragma once

#include <cstdint>

namespace r1 {

/// AdamW (Loshchilov and Hutter, Decoupled weight decay regularization) for one step:
///   w *= keep;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= rate * m / (sqrt(v) * root + eps)
/// with g = scale * gradient.
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

/// sum_i x[i]^2; floats are summed in runs of 1024 and those in double.
double sum_of_squares(const float* x, std::int64_t count);

}  // namespace r1
