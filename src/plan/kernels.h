// Time of kernels on one device: products, attention and what is bound by memory.
#pragma once

#include <cstdint>

#include "plan/assumptions.h"
#include "plan/device.h"

namespace r1::plan {

enum class Precision : std::uint8_t { bf16, fp8 };
enum class AttentionKernel : std::uint8_t { flash2, flash3 };

class Kernels {
 public:
  /// processors: the share of the device's processors that computation has.
  Kernels(const Device& device, const Assumptions& assumptions, double processors);

  /// `groups` products [m, k] x [k, n]: arithmetic and memory traffic one after the other, as the
  /// published times by shape say. result_bytes: those of an element of the result moved, 2, or 8
  /// where it is added to a float32 sum.
  double product(double groups, double m, double n, double k, Precision precision,
                 double result_bytes = 2) const;
  /// Attention of so many operations with a mean of `keys` keys a query.
  double attention_forward(double flops, double keys, AttentionKernel kernel) const;
  double attention_backward(double flops, double keys, AttentionKernel kernel) const;
  /// Kernels that only move bytes.
  double elementwise(double bytes) const;

 private:
  double attention(double flops, double keys, double share, double half) const;
  const Device& device_;
  const Assumptions& assumptions_;
  double processors_;
};

}  // namespace r1::plan
