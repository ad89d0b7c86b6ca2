// int8 panel times int8 activations with PMADDUBSW: the product every quantized type ends in.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/int8.h"
#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

/// kRows x 8 rows from `first` on times kTokens tokens over `columns` of a chunk. Of the 16
/// registers, kRows * kTokens hold the sums of a group; the running sums stay in y.
template <int kRows, int kTokens, int kBits, bool kMin>
[[gnu::always_inline]] inline void multiply_tile(const Int8Panel& panel, std::int64_t first,
                                                 std::int64_t columns, const Int8Activations* x,
                                                 float* y) {
  constexpr int kGroup = kBits == 6 ? 16 : 32, kOffset = offset_of(kBits, kMin);
  constexpr int kTogether = sums_in_int16(kBits);
  const std::int64_t vector = first / kLanes, lane = first % kLanes;
  const auto& q = panel.q[vector];
  for (std::int64_t group = 0; group < columns / kGroup; ++group) {
    const std::int64_t b = group * kGroup / kBlock;
    __m256i integer[kTokens][kRows];
#pragma GCC unroll 8
    for (int begin = 0; begin < kGroup / 4; begin += kTogether) {
      __m256i words[kTokens][kRows];
#pragma GCC unroll 8
      for (int k = begin; k < begin + kTogether; ++k) {
        const std::int64_t dword = group * (kGroup / 4) + k;
        __m256i w[kRows];
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) w[r] = load32(q[dword][lane + r * kHalf]);
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
          const __m256i xs = broadcast4(x[t].q + dword * 4);
#pragma GCC unroll 2
          for (int r = 0; r < kRows; ++r) {
            const __m256i product = multiply_bytes<kBits>(w[r], xs);
            words[t][r] = k == begin ? product : add_words(words[t][r], product);
            if constexpr (kTogether == 1) {
              const __m256i sum = add_pairs(product);
              integer[t][r] = begin == 0 ? sum : add_dwords(integer[t][r], sum);
            }
          }
        }
      }
      if constexpr (kTogether > 1) {
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 2
          for (int r = 0; r < kRows; ++r) {
            const __m256i sum = add_pairs(words[t][r]);
            integer[t][r] = begin == 0 ? sum : add_dwords(integer[t][r], sum);
          }
        }
      }
    }
    const float* scale = panel.scale[vector][group] + lane;
    const float* min = panel.min[vector][b] + lane;
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      const __m256 x_scale = _mm256_broadcast_ss(x[t].scale + b);
      float* to = y + t * kPanelRows + first;
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) {
        __m256i all = integer[t][r];
        if constexpr (kOffset != 0) {
          const std::int32_t* q_sum = kGroup == 32 ? x[t].sum32 + b : x[t].sum16 + group;
          all = _mm256_sub_epi32(all, times_offset<kOffset>(broadcast4(q_sum)));
        }
        const __m256 both = _mm256_mul_ps(_mm256_loadu_ps(scale + r * kHalf), x_scale);
        __m256 sum = _mm256_loadu_ps(to + r * kHalf);
        sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(all), both, sum);
        if constexpr (kMin) {
          sum = _mm256_fmadd_ps(_mm256_loadu_ps(min + r * kHalf), _mm256_broadcast_ss(x[t].sum + b),
                                sum);
        }
        _mm256_storeu_ps(to + r * kHalf, sum);
      }
    }
  }
}

template <int kRows, int kMostTokens, int kBits, bool kMin>
void multiply_rows(const Int8Panel& panel, std::int64_t rows, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    for (std::int64_t first = 0; first < rows; first += kRows * kHalf) {
      multiply_tile<kRows, kMostTokens, kBits, kMin>(panel, first, columns, x, y);
    }
    x += kMostTokens;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 3 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_rows<kRows, kFewer, kBits, kMin>(panel, rows, columns, x, tokens, y);
  }
}

}  // namespace

void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y) {
  const std::int64_t rows = vectors * kLanes;
  switch (format.bits) {
    case 4:
      if (format.has_min) return multiply_rows<2, 5, 4, true>(panel, rows, columns, x, tokens, y);
      return multiply_rows<2, 5, 4, false>(panel, rows, columns, x, tokens, y);
    case 5:
      if (format.has_min) return multiply_rows<2, 5, 5, true>(panel, rows, columns, x, tokens, y);
      return multiply_rows<2, 5, 5, false>(panel, rows, columns, x, tokens, y);
    case 6:
      return multiply_rows<2, 5, 6, false>(panel, rows, columns, x, tokens, y);
    default:
      return multiply_rows<1, 8, 8, false>(panel, rows, columns, x, tokens, y);
  }
}

namespace {

[[gnu::always_inline]] inline __m256 largest_of(__m256 v) {
  v = _mm256_max_ps(v, _mm256_permute2f128_ps(v, v, 1));
  v = _mm256_max_ps(v, _mm256_permute_ps(v, 0x4e));
  return _mm256_max_ps(v, _mm256_permute_ps(v, 0xb1));
}

[[gnu::always_inline]] inline std::int32_t sum_of(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1)));
}

}  // namespace

void round_to_int8(const float* x, std::int64_t columns, Int8Activations& out) {
  for (std::int64_t b = 0; b < kBlocks; ++b) {
    const float* from = x + b * kBlock;
    const std::int64_t left = columns - b * kBlock;
    alignas(32) float aside[kBlock];
    if (left < kBlock) {
      for (std::int64_t i = 0; i < kBlock; ++i) aside[i] = i < left ? from[i] : 0.0f;
      from = aside;
    }
    __m256 v[4], magnitude = _mm256_setzero_ps();
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      v[i] = _mm256_loadu_ps(from + 8 * i);
      magnitude = _mm256_max_ps(magnitude, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v[i]));
    }
    const float largest = _mm256_cvtss_f32(largest_of(magnitude));
    const __m256 inverse = _mm256_set1_ps(largest > 0.0f ? 127.0f / largest : 0.0f);
    __m256i q[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __m256 above = _mm256_max_ps(_mm256_mul_ps(v[i], inverse), _mm256_set1_ps(-127.0f));
      q[i] = _mm256_cvtps_epi32(_mm256_min_ps(above, _mm256_set1_ps(127.0f)));
    }
    const __m256i words0 = _mm256_packs_epi32(q[0], q[1]), words1 = _mm256_packs_epi32(q[2], q[3]);
    store32(out.q + b * kBlock,
            _mm256_permutevar8x32_epi32(_mm256_packs_epi16(words0, words1),
                                        _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
    out.sum16[2 * b] = sum_of(_mm256_add_epi32(q[0], q[1]));
    out.sum16[2 * b + 1] = sum_of(_mm256_add_epi32(q[2], q[3]));
    out.sum32[b] = out.sum16[2 * b] + out.sum16[2 * b + 1];
    out.scale[b] = largest / 127.0f;
    out.sum[b] = out.scale[b] * static_cast<float>(out.sum32[b]);
  }
}

}  // namespace r1::panel::avx2
