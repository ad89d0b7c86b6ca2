#include "plan/kernels.h"

namespace r1::plan {

Kernels::Kernels(const Device& device, const Assumptions& assumptions, double processors)
    : device_(device), assumptions_(assumptions), processors_(processors) {}

double Kernels::product(double groups, double m, double n, double k, Precision precision,
                        double result_bytes) const {
  const bool fp8 = precision == Precision::fp8 && device_.fp8_flops > 0;
  const double rate = fp8 ? device_.fp8_flops * assumptions_.fp8_product_share
                          : device_.bf16_flops * assumptions_.bf16_product_share;
  const double operand = fp8 ? 1 : 2;
  const double bytes = groups * (operand * (m * k + n * k) + result_bytes * m * n);
  return 2 * groups * m * n * k / (rate * processors_) +
         bytes / (device_.memory_bandwidth * assumptions_.product_memory_share) +
         assumptions_.kernel_start;
}

double Kernels::attention(double flops, double keys, double share, double half) const {
  return flops * (keys + half) / (device_.bf16_flops * share * keys * processors_);
}

double Kernels::attention_forward(double flops, double keys, AttentionKernel kernel) const {
  const Assumptions& a = assumptions_;
  if (!device_.hopper) {
    return attention(flops, keys, a.flash2_ampere_forward_share, a.flash2_forward_half);
  }
  return kernel == AttentionKernel::flash3
             ? attention(flops, keys, a.flash3_forward_share, a.flash3_forward_half)
             : attention(flops, keys, a.flash2_forward_share, a.flash2_forward_half);
}

double Kernels::attention_backward(double flops, double keys, AttentionKernel kernel) const {
  const Assumptions& a = assumptions_;
  if (!device_.hopper) {
    return attention(flops, keys, a.flash2_ampere_backward_share, a.flash2_backward_half);
  }
  return kernel == AttentionKernel::flash3
             ? attention(flops, keys, a.flash3_backward_share, a.flash3_backward_half)
             : attention(flops, keys, a.flash2_backward_share, a.flash2_backward_half);
}

double Kernels::elementwise(double bytes) const {
  return bytes / (device_.memory_bandwidth * assumptions_.elementwise_share * processors_);
}

}  // namespace r1::plan
