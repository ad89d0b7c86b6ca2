// Sixteen rows side by side: each vector of rows is two registers, `half` 0 and 1.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/panel.h"

namespace r1::panel::avx2 {
namespace {

constexpr int kHalf = 8;  // rows in a register
constexpr int kHalves = static_cast<int>(kLanes) / kHalf;

[[gnu::always_inline]] inline __m128i load16(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
[[gnu::always_inline]] inline __m256i load32(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
[[gnu::always_inline]] inline void store32(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}
[[gnu::always_inline]] inline std::int32_t load4(const void* from) {
  std::int32_t value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
/// The 4 bytes at `from` in all lanes.
[[gnu::always_inline]] inline __m256i broadcast4(const void* from) {
  return _mm256_set1_epi32(load4(from));
}

/// 16 bytes of each of 8 rows become 4 registers: dword k of row r goes to lane r of out[k].
[[gnu::always_inline]] inline void transpose_rows(const std::byte* from, std::int64_t stride,
                                                  __m256i out[4]) {
  __m256i z[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    z[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(load16(from + i * stride)),
                                   load16(from + (i + 4) * stride), 1);
  }
  const __m256i t0 = _mm256_unpacklo_epi32(z[0], z[1]), t1 = _mm256_unpackhi_epi32(z[0], z[1]);
  const __m256i t2 = _mm256_unpacklo_epi32(z[2], z[3]), t3 = _mm256_unpackhi_epi32(z[2], z[3]);
  out[0] = _mm256_unpacklo_epi64(t0, t2);
  out[1] = _mm256_unpackhi_epi64(t0, t2);
  out[2] = _mm256_unpacklo_epi64(t1, t3);
  out[3] = _mm256_unpackhi_epi64(t1, t3);
}

/// The 16-bit number at the start of each of 8 rows.
[[gnu::always_inline]] inline __m128i gather_u16(const std::byte* from, std::int64_t stride) {
  const auto load = [&](int row) __attribute__((always_inline)) {
    std::int16_t value;
    __builtin_memcpy(&value, from + row * stride, sizeof value);
    return value;
  };
  return _mm_setr_epi16(load(0), load(1), load(2), load(3), load(4), load(5), load(6), load(7));
}

/// The 32-bit number at the start of each of 8 rows.
[[gnu::always_inline]] inline __m256i gather_u32(const std::byte* from, std::int64_t stride) {
  const auto load = [&](int row) __attribute__((always_inline)) {
    return load4(from + row * stride);
  };
  return _mm256_setr_epi32(load(0), load(1), load(2), load(3), load(4), load(5), load(6), load(7));
}

/// Asks for the cache lines of from[0 .. bytes).
[[gnu::always_inline]] inline void prefetch(const std::byte* from, std::int64_t bytes) {
  for (std::int64_t at = 0; at < bytes; at += 64) {
    _mm_prefetch(reinterpret_cast<const char*>(from + at), _MM_HINT_T0);
  }
}

/// The same block of 16 rows, row after row in memory.
struct PlainRows {
  static constexpr bool kPacked = false;
  const std::byte* from;
  std::int64_t stride;

  /// 16 bytes of each row: field(half, k) is dword k.
  struct Field {
    __m256i dwords[kHalves][4];
    [[gnu::always_inline]] __m256i operator()(int half, int k) const { return dwords[half][k]; }
  };
  [[gnu::always_inline]] Field field(std::int64_t offset) const {
    Field result;
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) {
      transpose_rows(from + half * kHalf * stride + offset, stride, result.dwords[half]);
    }
    return result;
  }
  [[gnu::always_inline]] __m256 f16(int half, std::int64_t offset) const {
    return _mm256_cvtph_ps(gather_u16(from + half * kHalf * stride + offset, stride));
  }
  [[gnu::always_inline]] __m256i u32(int half, std::int64_t offset) const {
    return gather_u32(from + half * kHalf * stride + offset, stride);
  }
};

/// The same block of 16 rows in the packed layout.
struct PackedRows {
  static constexpr bool kPacked = true;
  const std::byte* from;

  struct Field {
    const std::byte* at;
    [[gnu::always_inline]] __m256i operator()(int half, int k) const {
      return load32(at + 64 * k + 32 * half);
    }
  };
  [[gnu::always_inline]] Field field(std::int64_t offset) const { return {from + kLanes * offset}; }
  [[gnu::always_inline]] __m256 f16(int half, std::int64_t offset) const {
    return _mm256_cvtph_ps(load16(from + kLanes * offset + 16 * half));
  }
  [[gnu::always_inline]] __m256i u32(int half, std::int64_t offset) const {
    return load32(from + kLanes * offset + 32 * half);
  }
};

}  // namespace
}  // namespace r1::panel::avx2
