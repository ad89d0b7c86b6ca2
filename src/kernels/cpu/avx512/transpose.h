// Sixteen rows side by side: what turns row-major weights into lanes.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/panel.h"

namespace r1::panel::avx512 {
namespace {

/// 16 bytes of each of 16 rows become 4 vectors: dword k of row r goes to lane r of out[k].
inline void transpose_rows(const std::byte* from, std::int64_t stride, __m512i out[4]) {
  __m512i z[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const std::byte* row = from + i * stride;
    const auto load = [](const std::byte* at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    };
    z[i] = _mm512_castsi128_si512(load(row));
    z[i] = _mm512_inserti32x4(z[i], load(row + 4 * stride), 1);
    z[i] = _mm512_inserti32x4(z[i], load(row + 8 * stride), 2);
    z[i] = _mm512_inserti32x4(z[i], load(row + 12 * stride), 3);
  }
  const __m512i t0 = _mm512_unpacklo_epi32(z[0], z[1]), t1 = _mm512_unpackhi_epi32(z[0], z[1]);
  const __m512i t2 = _mm512_unpacklo_epi32(z[2], z[3]), t3 = _mm512_unpackhi_epi32(z[2], z[3]);
  out[0] = _mm512_unpacklo_epi64(t0, t2);
  out[1] = _mm512_unpackhi_epi64(t0, t2);
  out[2] = _mm512_unpacklo_epi64(t1, t3);
  out[3] = _mm512_unpackhi_epi64(t1, t3);
}

/// The 16-bit number at the start of each of 16 rows.
inline __m256i gather_u16(const std::byte* from, std::int64_t stride) {
  const auto load = [&](int row) {
    short value;
    __builtin_memcpy(&value, from + row * stride, sizeof value);
    return value;
  };
  return _mm256_setr_epi16(load(0), load(1), load(2), load(3), load(4), load(5), load(6), load(7),
                           load(8), load(9), load(10), load(11), load(12), load(13), load(14),
                           load(15));
}

/// The f16 number at the start of each of 16 rows, as floats.
inline __m512 gather_f16(const std::byte* from, std::int64_t stride) {
  return _mm512_cvtph_ps(gather_u16(from, stride));
}

/// The 32-bit number at the start of each of 16 rows.
inline __m512i gather_u32(const std::byte* from, std::int64_t stride) {
  const auto load = [&](int row) {
    int value;
    __builtin_memcpy(&value, from + row * stride, sizeof value);
    return value;
  };
  return _mm512_setr_epi32(load(0), load(1), load(2), load(3), load(4), load(5), load(6), load(7),
                           load(8), load(9), load(10), load(11), load(12), load(13), load(14),
                           load(15));
}

/// Asks for `lines` cache lines of rows `first` and `first + 1`.
inline void prefetch_rows(const std::byte* next, std::int64_t stride, std::int64_t first,
                          std::int64_t lines) {
  if (next == nullptr) return;
  for (std::int64_t row = first; row < first + 2; ++row) {
    for (std::int64_t line = 0; line < lines; ++line) {
      _mm_prefetch(reinterpret_cast<const char*>(next + row * stride + line * 64), _MM_HINT_T0);
    }
  }
}

/// Asks for the cache lines of next[begin .. begin + bytes).
inline void prefetch_bytes(const std::byte* next, std::int64_t begin, std::int64_t bytes) {
  if (next == nullptr) return;
  for (std::int64_t at = begin; at < begin + bytes; at += 64) {
    _mm_prefetch(reinterpret_cast<const char*>(next + at), _MM_HINT_T0);
  }
}

/// The same block of 16 rows, row after row in memory.
struct PlainRows {
  static constexpr bool kPacked = false;
  const std::byte* from;
  std::int64_t stride;

  void transposed(std::int64_t offset, __m512i out[4]) const {
    transpose_rows(from + offset, stride, out);
  }
  __m512 f16(std::int64_t offset) const { return gather_f16(from + offset, stride); }
  __m512i u32(std::int64_t offset) const { return gather_u32(from + offset, stride); }
};

/// The same block of 16 rows in the packed layout.
struct PackedRows {
  static constexpr bool kPacked = true;
  const std::byte* from;

  void transposed(std::int64_t offset, __m512i out[4]) const {
    const std::byte* at = from + kLanes * offset;
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) out[k] = _mm512_loadu_si512(at + 64 * k);
  }
  __m512 f16(std::int64_t offset) const {
    return _mm512_cvtph_ps(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + kLanes * offset)));
  }
  __m512i u32(std::int64_t offset) const { return _mm512_loadu_si512(from + kLanes * offset); }
};

}  // namespace
}  // namespace r1::panel::avx512
