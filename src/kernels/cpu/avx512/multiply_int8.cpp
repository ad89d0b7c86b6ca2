// int8 panel times int8 activations with VPDPBUSD: the product every quantized type ends in.
#include <immintrin.h>

#include "kernels/cpu/avx512/functions.h"

namespace r1::panel::avx512 {
namespace {

inline void prefetch_line(const void* at) {
  _mm_prefetch(static_cast<const char*>(at), _MM_HINT_T0);
}

/// Where the sums of a token's groups start: what the weights' offset adds to them, taken away.
template <int kGroup>
inline void set_starts(const Int8Activations& x, int offset, std::int32_t* starts) {
  if constexpr (kGroup == 32) {
    const __m256i sums = _mm256_load_si256(reinterpret_cast<const __m256i*>(x.sum32));
    _mm256_store_si256(reinterpret_cast<__m256i*>(starts),
                       _mm256_mullo_epi32(sums, _mm256_set1_epi32(-offset)));
  } else {
    const __m512i sums = _mm512_loadu_si512(x.sum16);
    _mm512_store_si512(starts, _mm512_mullo_epi32(sums, _mm512_set1_epi32(-offset)));
  }
}

/// kVectors x 16 rows times kTokens tokens over `columns` of a chunk. Sums of a group stay in
/// integer registers, running sums in float registers; no more than 30 of the 32 are live.
template <int kVectors, int kTokens, int kGroup, bool kMin>
inline void multiply_tile(const Int8Panel& panel, int vector, int offset, std::int64_t columns,
                          const Int8Activations* x, float* y) {
  constexpr int kGroups = kBlock / kGroup;
  alignas(64) std::int32_t starts[kTokens][kBlocks * kGroups];
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) set_starts<kGroup>(x[t], offset, starts[t]);
  __m512 sum[kVectors][kTokens];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      sum[v][t] = _mm512_loadu_ps(y + t * kPanelRows + (vector + v) * kLanes);
    }
  }
  const std::int64_t blocks = columns / kBlock;
  for (std::int64_t b = 0; b < blocks; ++b) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      prefetch_line(reinterpret_cast<const char*>(x + kTokens + t) + 64 * b);
      if (b < kVectors) prefetch_line(y + (kTokens + t) * kPanelRows + (vector + b) * kLanes);
    }
#pragma GCC unroll 2
    for (int g = 0; g < kGroups; ++g) {
      const std::int64_t group = b * kGroups + g;
      __m512i integer[kVectors][kTokens];
#pragma GCC unroll 16
      for (int t = 0; t < kTokens; ++t) {
        const __m512i start = _mm512_set1_epi32(starts[t][group]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) integer[v][t] = start;
      }
#pragma GCC unroll 8
      for (int k = 0; k < kGroup / 4; ++k) {
        const std::int64_t dword = group * (kGroup / 4) + k;
        __m512i w[kVectors];
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) w[v] = _mm512_load_si512(panel.q[vector + v][dword]);
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
          const __m512i xs = _mm512_set1_epi32(
              *reinterpret_cast<const __attribute__((may_alias)) int*>(x[t].q + dword * 4));
#pragma GCC unroll 16
          for (int v = 0; v < kVectors; ++v) {
            integer[v][t] = _mm512_dpbusd_epi32(integer[v][t], w[v], xs);
          }
        }
      }
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const __m512 scale = _mm512_load_ps(panel.scale[vector + v][group]);
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
          const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(x[t].scale[b]));
          sum[v][t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(integer[v][t]), both, sum[v][t]);
        }
      }
    }
    if constexpr (kMin) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const __m512 min = _mm512_load_ps(panel.min[vector + v][b]);
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
          sum[v][t] = _mm512_fmadd_ps(min, _mm512_set1_ps(x[t].sum[b]), sum[v][t]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      _mm512_storeu_ps(y + t * kPanelRows + (vector + v) * kLanes, sum[v][t]);
    }
  }
}

template <int kVectors, int kMostTokens, int kGroup, bool kMin>
void multiply_vectors(const Int8Panel& panel, int vector, int offset, std::int64_t columns,
                      const Int8Activations* x, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    multiply_tile<kVectors, kMostTokens, kGroup, kMin>(panel, vector, offset, columns, x, y);
    x += kMostTokens;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 4 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_vectors<kVectors, kFewer, kGroup, kMin>(panel, vector, offset, columns, x, tokens, y);
  }
}

template <int kGroup, bool kMin>
void multiply_format(const Int8Panel& panel, int offset, int vectors, std::int64_t columns,
                     const Int8Activations* x, std::int64_t tokens, float* y) {
  if (vectors == kPanelVectors) {
    return multiply_vectors<4, 3, kGroup, kMin>(panel, 0, offset, columns, x, tokens, y);
  }
  for (int vector = 0; vector < vectors; ++vector) {
    multiply_vectors<1, 8, kGroup, kMin>(panel, vector, offset, columns, x, tokens, y);
  }
}

}  // namespace

void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y) {
  if (format.group == 16) {
    return multiply_format<16, false>(panel, format.offset, vectors, columns, x, tokens, y);
  }
  if (format.has_min) {
    return multiply_format<32, true>(panel, format.offset, vectors, columns, x, tokens, y);
  }
  multiply_format<32, false>(panel, format.offset, vectors, columns, x, tokens, y);
}

}  // namespace r1::panel::avx512
