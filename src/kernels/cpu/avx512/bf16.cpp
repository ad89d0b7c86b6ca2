// bf16 (and fp8) weights times bf16 activations with VDPBF16PS.
#include <immintrin.h>

#include "kernels/cpu/avx512/functions.h"
#include "kernels/cpu/avx512/transpose.h"

namespace r1::panel::avx512 {
namespace {

/// The same bits as pairs of bf16. Clang 16 crashes where it sees through this cast.
inline __m512bh as_bf16(__m512i bits) {
#if defined(__clang__)
  asm("" : "+v"(bits));
#endif
  return reinterpret_cast<__m512bh>(bits);
}

/// f8_e4m3 to bf16, exactly: subnormals and all. NaN (0x7f) becomes 480 with the NaN's sign, as
/// files hold none.
__m512i f8_to_bf16(__m256i bytes) {
  const __m512i wide = _mm512_cvtepu8_epi16(bytes);
  const __m512i sign = _mm512_slli_epi16(_mm512_and_si512(wide, _mm512_set1_epi16(0x80)), 8);
  const __m512i magnitude = _mm512_and_si512(wide, _mm512_set1_epi16(0x7f));
  const __m512i normal =
      _mm512_add_epi16(_mm512_slli_epi16(magnitude, 4), _mm512_set1_epi16(0x3c00));
  // 0 .. 7 times 2^-9 as bf16.
  const __m512i table = _mm512_broadcast_i32x4(
      _mm_setr_epi16(0x0000, 0x3b00, 0x3b80, 0x3bc0, 0x3c00, 0x3c20, 0x3c40, 0x3c60));
  const __m512i small = _mm512_permutexvar_epi16(magnitude, table);
  const __mmask32 subnormal = _mm512_cmplt_epu16_mask(magnitude, _mm512_set1_epi16(8));
  return _mm512_or_si512(sign, _mm512_mask_mov_epi16(normal, subnormal, small));
}

void store_transposed(const std::byte* from, std::int64_t stride, std::uint16_t (*to)[kLanes][2]) {
  __m512i w[4];
  transpose_rows(from, stride, w);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) _mm512_store_si512(to[k], w[k]);
}

template <int kVectors, int kTokens>
inline void multiply_tile(const Bf16Panel& panel, bool scaled, int vector, const std::uint16_t* x,
                          float* y) {
  __m512 sum[kVectors][kTokens];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      sum[v][t] = scaled ? _mm512_setzero_ps()
                         : _mm512_loadu_ps(y + t * kPanelRows + (vector + v) * kLanes);
    }
  }
  for (int k = 0; k < kBf16Chunk / 2; ++k) {
    __m512bh w[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      w[v] = as_bf16(_mm512_load_si512(panel.w[vector + v][k]));
    }
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      const auto pair = as_bf16(_mm512_set1_epi32(
          *reinterpret_cast<const __attribute__((may_alias)) int*>(x + t * kBf16Chunk + 2 * k)));
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[v][t] = _mm512_dpbf16_ps(sum[v][t], w[v], pair);
    }
  }
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const __m512 scale = _mm512_load_ps(panel.scale[vector + v]);
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      float* to = y + t * kPanelRows + (vector + v) * kLanes;
      _mm512_storeu_ps(to,
                       scaled ? _mm512_fmadd_ps(sum[v][t], scale, _mm512_loadu_ps(to)) : sum[v][t]);
    }
  }
}

template <int kVectors, int kMostTokens>
void multiply_vectors(const Bf16Panel& panel, bool scaled, int vector, const std::uint16_t* x,
                      std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    multiply_tile<kVectors, kMostTokens>(panel, scaled, vector, x, y);
    x += kMostTokens * kBf16Chunk;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 3 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_vectors<kVectors, kFewer>(panel, scaled, vector, x, tokens, y);
  }
}

/// kVectors sequential streams of packed rows at once, so that the sums' latency is hidden.
template <int kVectors>
void dot_vectors(const std::byte* from, const Source& source, const std::uint16_t* x, float* y) {
  constexpr std::int64_t kAhead = 2048;
  __m512 sum[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < source.columns / 2; ++k) {
    const auto pair = as_bf16(
        _mm512_set1_epi32(*reinterpret_cast<const __attribute__((may_alias)) int*>(x + 2 * k)));
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const std::byte* at = from + v * kLanes * source.row_bytes + 64 * k;
      _mm_prefetch(reinterpret_cast<const char*>(at + kAhead), _MM_HINT_T0);
      const auto w = as_bf16(_mm512_loadu_si512(at));
      sum[v] = _mm512_dpbf16_ps(sum[v], w, pair);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(y + v * kLanes, sum[v]);
}

}  // namespace

void interleave_bf16_rows(const std::byte* from, std::int64_t row_bytes, std::int64_t count,
                          Bf16Panel& panel) {
  for (int vector = 0; vector * kLanes < count; ++vector) {
    const std::int64_t left = count - vector * kLanes;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1 << left) - 1);
    for (int pair = 0; pair < kBf16Chunk / 2; ++pair) {
      const std::byte* row = from + 2 * pair * row_bytes + vector * kLanes * 2;
      const __m512i even = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
      const __m512i odd = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row + row_bytes));
      _mm512_store_si512(panel.w[vector][pair], _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
    }
  }
}

void dot_bf16(const Source& source, const std::uint16_t* x, float* y) {
  std::int64_t row = 0;
  for (; row + 4 * kLanes <= source.rows; row += 4 * kLanes) {
    dot_vectors<4>(source.data + row * source.row_bytes, source, x, y + row);
  }
  for (; row < source.rows; row += kLanes) {
    dot_vectors<1>(source.data + row * source.row_bytes, source, x, y + row);
  }
}

void round_to_bf16(const float* x, std::int64_t columns, std::uint16_t* out) {
  if (columns == kBf16Chunk) {
#pragma GCC unroll 4
    for (std::int64_t begin = 0; begin < kBf16Chunk; begin += 32) {
      const __m512bh rounded =
          _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + begin + 16), _mm512_loadu_ps(x + begin));
      _mm512_storeu_si512(out + begin, reinterpret_cast<__m512i>(rounded));
    }
    return;
  }
  for (std::int64_t begin = 0; begin < kBf16Chunk; begin += 16) {
    const std::int64_t left = columns - begin;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : left <= 0 ? 0 : (1 << left) - 1);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + begin));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + begin),
                        reinterpret_cast<__m256i>(rounded));
  }
}

void unpack_bf16(DType type, const Source& source, Bf16Panel& panel) {
  const bool f8 = type == DType::f8_e4m3;
  const std::int64_t size = f8 ? 1 : 2, bytes = source.columns * size;
  const std::byte* data = source.data + source.column * size;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    auto* to = panel.w[row / kLanes];
    const std::byte* from = data + row * source.row_bytes;
    std::int64_t stride = source.row_bytes;
    if (source.packed) {
      from = source.data + row * source.row_bytes + kLanes * source.column * size;
      for (std::int64_t k = 0; k < kBf16Chunk / 2; ++k) {
        prefetch_bytes(source.next, row * source.row_bytes + 64 * k, 64);
        const bool inside = 2 * k < source.columns;
        _mm512_store_si512(to[k],
                           inside ? _mm512_loadu_si512(from + 64 * k) : _mm512_setzero_si512());
      }
      continue;
    }
    alignas(64) std::byte aside[kLanes][kBf16Chunk * 2];
    if (f8 || source.rows - row < kLanes || source.columns < kBf16Chunk) {
      __builtin_memset(aside, 0, sizeof aside);
      for (std::int64_t r = 0; r < kLanes && row + r < source.rows; ++r) {
        __builtin_memcpy(aside[r], from + r * stride, static_cast<std::size_t>(bytes));
        if (!f8) continue;
        for (int half = 3; half >= 0; --half) {  // in place, from the end
          const __m256i packed =
              _mm256_load_si256(reinterpret_cast<const __m256i*>(aside[r] + 32 * half));
          _mm512_store_si512(aside[r] + 64 * half, f8_to_bf16(packed));
        }
      }
      from = aside[0];
      stride = sizeof aside[0];
    }
    for (std::int64_t k = 0; k < kBf16Chunk / 2; k += 4) {
      if (k % 8 == 0) prefetch_rows(source.next, source.row_bytes, row + k / 4, bytes / 64 + 1);
      store_transposed(from + 4 * k, stride, to + k);
    }
  }
}

void multiply_bf16(const Bf16Panel& panel, bool scaled, int vectors, const std::uint16_t* x,
                   std::int64_t tokens, float* y) {
  if (vectors == kPanelVectors) return multiply_vectors<4, 6>(panel, scaled, 0, x, tokens, y);
  for (int vector = 0; vector < vectors; ++vector) {
    multiply_vectors<1, 8>(panel, scaled, vector, x, tokens, y);
  }
}

}  // namespace r1::panel::avx512
