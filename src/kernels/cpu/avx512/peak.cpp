// Register-resident loops: how fast the instructions themselves can go.
#include <immintrin.h>

#include "kernels/peak.h"

namespace r1::panel {
namespace {

// Twelve independent sums hide the latency of any of the three.
#define R1_TWELVE(op)                                                                     \
  asm volatile(op " %[x], %[w], %0\n" op " %[x], %[w], %1\n" op " %[x], %[w], %2\n" op    \
                  " %[x], %[w], %3\n" op " %[x], %[w], %4\n" op " %[x], %[w], %5\n" op    \
                  " %[x], %[w], %6\n" op " %[x], %[w], %7\n" op " %[x], %[w], %8\n" op    \
                  " %[x], %[w], %9\n" op " %[x], %[w], %10\n" op " %[x], %[w], %11\n"     \
               : "+v"(s[0]), "+v"(s[1]), "+v"(s[2]), "+v"(s[3]), "+v"(s[4]), "+v"(s[5]),  \
                 "+v"(s[6]), "+v"(s[7]), "+v"(s[8]), "+v"(s[9]), "+v"(s[10]), "+v"(s[11]) \
               : [w] "v"(w), [x] "v"(x))

}  // namespace

double avx512_peak_loop(PeakInstruction instruction, std::int64_t rounds) {
  __m512i s[12] = {};
  const __m512i w = _mm512_setzero_si512(), x = _mm512_setzero_si512();
  switch (instruction) {
    case PeakInstruction::int8_dot:
      for (std::int64_t i = 0; i < rounds; ++i) R1_TWELVE("vpdpbusd");
      return 12.0 * 128.0 * static_cast<double>(rounds);
    case PeakInstruction::bf16_dot:
      for (std::int64_t i = 0; i < rounds; ++i) R1_TWELVE("vdpbf16ps");
      return 12.0 * 64.0 * static_cast<double>(rounds);
    case PeakInstruction::float_fma:
      break;
  }
  for (std::int64_t i = 0; i < rounds; ++i) R1_TWELVE("vfmadd231ps");
  return 12.0 * 32.0 * static_cast<double>(rounds);
}

#undef R1_TWELVE

std::uint64_t avx512_read_streams(const std::byte* from, std::int64_t bytes) {
  constexpr int kStreams = 8;
  const std::int64_t stream = bytes / kStreams / 64 * 64;
  __m512i sums[kStreams] = {};
  for (std::int64_t at = 0; at < stream; at += 64) {
#pragma GCC unroll 8
    for (int s = 0; s < kStreams; ++s) {
      sums[s] = _mm512_xor_si512(sums[s], _mm512_load_si512(from + s * stream + at));
    }
  }
  for (int s = 1; s < kStreams; ++s) sums[0] = _mm512_xor_si512(sums[0], sums[s]);
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sums[0]));
}

}  // namespace r1::panel
