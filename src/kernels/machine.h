// What this machine can do at best: the limits that measured speeds are held against.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace r1 {

/// Memory for measure_bandwidth(), kept between calls.
class BandwidthMeter {
 public:
  BandwidthMeter();
  ~BandwidthMeter();
  BandwidthMeter(const BandwidthMeter&) = delete;
  BandwidthMeter& operator=(const BandwidthMeter&) = delete;
  /// GB/s of reads of 192 MiB, several times over, by all threads, 8 streams a thread.
  double measure() const;

 private:
  std::byte* memory_ = nullptr;
};

/// Billions of multiplications and additions a second that all threads reach in registers with the
/// instruction that products of this weight type end in: VPDPBUSD (PMADDUBSW with AVX2) for int8
/// types, VDPBF16PS for bf16, fused multiply-add otherwise.
double matrix_peak_gflops(DType weights);

}  // namespace r1
