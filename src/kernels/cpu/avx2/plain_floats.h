// The plain float types. Each turns 16 bytes of 8 rows (kRowColumns columns) into columns of 8
// rows, and 64 bytes of 16 packed rows (kLineColumns columns) into columns of twice 8.
#pragma once

#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

struct F32 {
  static constexpr int kBytes = 4, kRowColumns = 4, kLineColumns = 1;

  [[gnu::always_inline]] static void from_rows(const std::byte* from, std::int64_t stride,
                                               __m256 columns[kRowColumns]) {
    __m256i w[4];
    transpose_rows(from, stride, w);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) columns[k] = _mm256_castsi256_ps(w[k]);
  }
  [[gnu::always_inline]] static void from_line(const std::byte* from,
                                               __m256 columns[kLineColumns][kHalves]) {
    columns[0][0] = _mm256_castsi256_ps(load32(from));
    columns[0][1] = _mm256_castsi256_ps(load32(from + 32));
  }
};

struct Bf16 {
  static constexpr int kBytes = 2, kRowColumns = 8, kLineColumns = 2;

  [[gnu::always_inline]] static void from_rows(const std::byte* from, std::int64_t stride,
                                               __m256 columns[kRowColumns]) {
    __m256i w[4];
    transpose_rows(from, stride, w);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      columns[2 * k] = low(w[k]);
      columns[2 * k + 1] = high(w[k]);
    }
  }
  [[gnu::always_inline]] static void from_line(const std::byte* from,
                                               __m256 columns[kLineColumns][kHalves]) {
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) {
      const __m256i pairs = load32(from + 32 * half);
      columns[0][half] = low(pairs);
      columns[1][half] = high(pairs);
    }
  }

 private:
  [[gnu::always_inline]] static __m256 low(__m256i pairs) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
  }
  [[gnu::always_inline]] static __m256 high(__m256i pairs) {
    return _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)));
  }
};

struct F16 {
  static constexpr int kBytes = 2, kRowColumns = 8, kLineColumns = 2;

  [[gnu::always_inline]] static void from_rows(const std::byte* from, std::int64_t stride,
                                               __m256 columns[kRowColumns]) {
    alignas(32) float w[kHalf][8];
#pragma GCC unroll 8
    for (int r = 0; r < kHalf; ++r) {
      _mm256_store_ps(w[r], _mm256_cvtph_ps(load16(from + r * stride)));
    }
    const auto* floats = reinterpret_cast<const std::byte*>(w);
    F32::from_rows(floats, sizeof w[0], columns);
    F32::from_rows(floats + 16, sizeof w[0], columns + 4);
  }
  [[gnu::always_inline]] static void from_line(const std::byte* from,
                                               __m256 columns[kLineColumns][kHalves]) {
    const __m256i a = load32(from), b = load32(from + 32), low = _mm256_set1_epi32(0xffff);
    to_floats(_mm256_and_si256(a, low), _mm256_and_si256(b, low), columns[0]);
    to_floats(_mm256_srli_epi32(a, 16), _mm256_srli_epi32(b, 16), columns[1]);
  }

 private:
  [[gnu::always_inline]] static void to_floats(__m256i a, __m256i b, __m256 out[kHalves]) {
    const __m256i all = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
    out[0] = _mm256_cvtph_ps(_mm256_castsi256_si128(all));
    out[1] = _mm256_cvtph_ps(_mm256_extracti128_si256(all, 1));
  }
};

/// Calls visit(type) with the struct of f32, f16 or bf16.
template <typename Visit>
void with_float_type(DType type, const Visit& visit) {
  if (type == DType::f32) return visit(F32{});
  if (type == DType::f16) return visit(F16{});
  visit(Bf16{});
}

}  // namespace
}  // namespace r1::panel::avx2
