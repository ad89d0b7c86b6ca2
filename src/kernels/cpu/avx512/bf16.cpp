// bf16 (and fp8) weights times bf16 activations with VDPBF16PS.
#include <immintrin.h>

#include <algorithm>

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

__mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << count) - 1);
}

/// 16 numbers of rows `row` and `row` + 1 side by side; rows from `rows` on are zero.
inline __m512i row_pair(const std::byte* from, std::int64_t row_bytes, std::int64_t row,
                        std::int64_t rows, __mmask16 mask) {
  if (row >= rows) return _mm512_setzero_si512();
  const std::byte* at = from + row * row_bytes;
  const __m512i even = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, at));
  if (row + 1 >= rows) return even;
  const __m512i odd = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, at + row_bytes));
  return _mm512_or_si512(even, _mm512_slli_epi32(odd, 16));
}

template <int kVectors, int kTokens>
inline void multiply_tile(const Bf16Panel& panel, bool scaled, int vector, std::int64_t pairs,
                          const std::uint16_t* x, float* y) {
  __m512 sum[kVectors][kTokens];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      sum[v][t] = scaled ? _mm512_setzero_ps()
                         : _mm512_loadu_ps(y + t * kPanelRows + (vector + v) * kLanes);
    }
  }
  for (std::int64_t k = 0; k < pairs; ++k) {
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
void multiply_vectors(const Bf16Panel& panel, bool scaled, int vector, std::int64_t pairs,
                      const std::uint16_t* x, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    multiply_tile<kVectors, kMostTokens>(panel, scaled, vector, pairs, x, y);
    x += kMostTokens * kBf16Chunk;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 3 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_vectors<kVectors, kFewer>(panel, scaled, vector, pairs, x, tokens, y);
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

void multiply_chunk(const Bf16Panel& panel, bool scaled, int vectors, std::int64_t columns,
                    const std::uint16_t* x, std::int64_t tokens, float* y) {
  const std::int64_t pairs = (columns + 1) / 2;
  if (vectors == kPanelVectors) {
    return multiply_vectors<4, 6>(panel, scaled, 0, pairs, x, tokens, y);
  }
  int vector = 0;
  for (; vector + 2 <= vectors; vector += 2) {
    multiply_vectors<2, 8>(panel, scaled, vector, pairs, x, tokens, y);
  }
  if (vector < vectors) multiply_vectors<1, 8>(panel, scaled, vector, pairs, x, tokens, y);
}

}  // namespace

void interleave_bf16_rows(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                          std::int64_t count, Bf16Panel& panel) {
  constexpr std::int64_t kStep = 64;  // the columns that the products of all sets take at a time
  const std::int64_t end = (rows + kStep - 1) / kStep * kStep / 2;
  for (int vector = 0; vector * kLanes < count; ++vector) {
    const __mmask16 mask = first_lanes(count - vector * kLanes);
    const std::byte* at = from + vector * kLanes * 2;
    for (std::int64_t pair = 0; pair < end; ++pair) {
      _mm512_store_si512(panel.w[vector][pair], row_pair(at, row_bytes, 2 * pair, rows, mask));
    }
  }
}

void transpose_bf16(const std::byte* from, std::int64_t row_bytes, std::int64_t rows,
                    std::int64_t count, std::uint16_t* out) {
  for (std::int64_t column = 0; column < count; column += kLanes) {
    const __mmask16 mask = first_lanes(count - column);
    for (std::int64_t row = 0; row < kBf16Chunk; row += 2 * kLanes) {
      alignas(64) std::byte pairs[kLanes][64];  // [pair of rows][column]
      for (std::int64_t pair = 0; pair < kLanes; ++pair) {
        _mm512_store_si512(pairs[pair],
                           row_pair(from + 2 * column, row_bytes, row + 2 * pair, rows, mask));
      }
      for (std::int64_t c = 0; c < kLanes && column + c < count; c += 4) {
        __m512i columns[4];
        transpose_rows(pairs[0] + 4 * c, 64, columns);
        for (std::int64_t i = 0; i < 4 && column + c + i < count; ++i) {
          _mm512_storeu_si512(out + (column + c + i) * kBf16Chunk + row, columns[i]);
        }
      }
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
  std::int64_t begin = 0;
  for (; begin + 32 <= columns; begin += 32) {
    const __m512bh rounded =
        _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + begin + 16), _mm512_loadu_ps(x + begin));
    _mm512_storeu_si512(out + begin, reinterpret_cast<__m512i>(rounded));
  }
  // As far as products read: whole steps of 64 columns.
  for (; begin < (columns + 63) / 64 * 64; begin += 16) {
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

void multiply_bf16(const Bf16Panel* panels, bool scaled, int vectors, std::int64_t columns,
                   const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                   float* y) {
  for (; columns > 0; columns -= kBf16Chunk, ++panels, x += chunk_stride) {
    multiply_chunk(*panels, scaled, vectors, std::min(kBf16Chunk, columns), x, tokens, y);
  }
}

}  // namespace r1::panel::avx512
