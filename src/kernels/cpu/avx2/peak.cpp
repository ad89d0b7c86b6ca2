// Register-resident loops: how fast the instructions themselves can go.
#include <immintrin.h>

#include "kernels/peak.h"

namespace r1::panel {

double avx2_peak_loop(PeakInstruction instruction, std::int64_t rounds) {
  __m256i s[12] = {};
  const __m256i w = _mm256_setzero_si256(), x = _mm256_setzero_si256();
  if (instruction == PeakInstruction::int8_dot) {
    // The three instructions that stand for one dot product of bytes.
    for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
      for (int k = 0; k < 12; ++k) {
        __m256i product = w;
        asm volatile(
            "vpmaddubsw %[x], %[p], %[p]\nvpmaddwd %[x], %[p], %[p]\nvpaddd %[p], %[s], %[s]"
            : [p] "+x"(product), [s] "+x"(s[k])
            : [x] "x"(x));
      }
    }
    return 12.0 * 64.0 * static_cast<double>(rounds);
  }
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int k = 0; k < 12; ++k)
      asm volatile("vfmadd231ps %1, %2, %0" : "+x"(s[k]) : "x"(w), "x"(x));
  }
  return 12.0 * 16.0 * static_cast<double>(rounds);
}

std::uint64_t avx2_read_streams(const std::byte* from, std::int64_t bytes) {
  constexpr int kStreams = 8;
  const std::int64_t stream = bytes / kStreams / 64 * 64;
  __m256i sums[kStreams] = {};
  for (std::int64_t at = 0; at < stream; at += 32) {
#pragma GCC unroll 8
    for (int s = 0; s < kStreams; ++s) {
      sums[s] = _mm256_xor_si256(
          sums[s], _mm256_load_si256(reinterpret_cast<const __m256i*>(from + s * stream + at)));
    }
  }
  for (int s = 1; s < kStreams; ++s) sums[0] = _mm256_xor_si256(sums[0], sums[s]);
  return static_cast<std::uint64_t>(_mm256_extract_epi64(sums[0], 0) ^
                                    _mm256_extract_epi64(sums[0], 2));
}

}  // namespace r1::panel
