// Activations to int8: 256 numbers at a time, whose eight maxima and sixteen sums are found
// together.
#include <immintrin.h>

#include "kernels/cpu/avx512/functions.h"

namespace r1::panel::avx512 {
namespace {

/// x[begin .. begin + 16), zeros from `columns` on.
template <bool kWhole>
[[gnu::always_inline]] inline __m512 load(const float* x, std::int64_t begin,
                                          std::int64_t columns) {
  if constexpr (kWhole) return _mm512_loadu_ps(x + begin);
  const std::int64_t count = columns - begin;
  const auto mask = count >= 16  ? static_cast<__mmask16>(0xffff)
                    : count <= 0 ? static_cast<__mmask16>(0)
                                 : static_cast<__mmask16>((1u << count) - 1);
  return _mm512_maskz_loadu_ps(mask, x + begin);
}

/// Lane b becomes the largest of v[b]'s lanes.
[[gnu::always_inline]] inline __m256 largest_of_each(const __m256 (&v)[kBlocks]) {
  const auto pairs = [](__m256 a, __m256 b) {
    return _mm256_max_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
  };
  const auto fours = [&](int b) {
    const __m256d low = _mm256_castps_pd(pairs(v[b], v[b + 1]));
    const __m256d high = _mm256_castps_pd(pairs(v[b + 2], v[b + 3]));
    return _mm256_max_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(low, high)),
                         _mm256_castpd_ps(_mm256_unpackhi_pd(low, high)));
  };
  const __m256 first = fours(0), second = fours(4);
  return _mm256_max_ps(_mm256_permute2f128_ps(first, second, 0x20),
                       _mm256_permute2f128_ps(first, second, 0x31));
}

/// Sums of q over 16 columns, and of their pairs.
[[gnu::always_inline]] inline void sum_groups(Int8Activations& out) {
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i v[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    // A lane of 128 bits holds four sums of four columns each: one group.
    v[i] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), ones, _mm512_load_si512(out.q + 64 * i));
  }
  const auto pairs = [](__m512i a, __m512i b) {
    return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  };
  const __m512i low = pairs(v[0], v[1]), high = pairs(v[2], v[3]);
  // Lane l: groups l, 4 + l, 8 + l, 12 + l.
  const __m512i mixed =
      _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i sums = _mm512_permutexvar_epi32(order, mixed);
  _mm512_storeu_si512(out.sum16, sums);
  const __m512i neighbours = _mm512_shuffle_epi32(sums, _MM_PERM_CDAB);
  const __m256i both = _mm512_cvtepi64_epi32(_mm512_add_epi32(sums, neighbours));
  _mm256_store_si256(reinterpret_cast<__m256i*>(out.sum32), both);
}

template <bool kWhole>
void round_chunk(const float* x, std::int64_t columns, Int8Activations& out) {
  __m256 sizes[kBlocks];
#pragma GCC unroll 8
  for (int b = 0; b < kBlocks; ++b) {
    const __m512 size = _mm512_max_ps(_mm512_abs_ps(load<kWhole>(x, b * kBlock, columns)),
                                      _mm512_abs_ps(load<kWhole>(x, b * kBlock + 16, columns)));
    sizes[b] = _mm256_max_ps(_mm512_castps512_ps256(size), _mm512_extractf32x8_ps(size, 1));
  }
  const __m256 largest = largest_of_each(sizes);
  const __m256 most = _mm256_set1_ps(127.0f);
  const __mmask8 any = _mm256_cmp_ps_mask(largest, _mm256_setzero_ps(), _CMP_GT_OQ);
  alignas(32) float inverse[kBlocks];
  _mm256_store_ps(inverse, _mm256_maskz_div_ps(any, most, largest));
#pragma GCC unroll 16
  for (int half = 0; half < 2 * kBlocks; ++half) {
    const __m512 numbers = load<kWhole>(x, half * 16, columns);
    __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(numbers, _mm512_set1_ps(inverse[half / 2])));
    q = _mm512_max_epi32(q, _mm512_set1_epi32(-127));
    _mm_store_si128(reinterpret_cast<__m128i*>(out.q + 16 * half), _mm512_cvtsepi32_epi8(q));
  }
  sum_groups(out);
  const __m256 scale = _mm256_div_ps(largest, most);
  _mm256_store_ps(out.scale, scale);
  const __m256i sums = _mm256_load_si256(reinterpret_cast<const __m256i*>(out.sum32));
  _mm256_store_ps(out.sum, _mm256_mul_ps(scale, _mm256_cvtepi32_ps(sums)));
}

}  // namespace

void round_to_int8(const float* x, std::int64_t columns, Int8Activations& out) {
  if (columns == kInt8Chunk) return round_chunk<true>(x, columns, out);
  round_chunk<false>(x, columns, out);
}

}  // namespace r1::panel::avx512
