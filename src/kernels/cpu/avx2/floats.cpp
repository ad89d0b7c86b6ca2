// float weights times float activations with fused multiply-add, and the table of this set.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

/// 16 rows of vector `vector` times kTokens tokens; 2 * kTokens + 3 registers are live.
template <int kTokens>
[[gnu::always_inline]] inline void multiply_tile(const FloatPanel& panel, std::int64_t vector,
                                                 std::int64_t columns, const float* x,
                                                 std::int64_t x_stride, float* y) {
  __m256 sum[kTokens][kHalves];
  y += vector * kLanes;
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 2
    for (int h = 0; h < kHalves; ++h) sum[t][h] = _mm256_loadu_ps(y + t * kPanelRows + h * kHalf);
  }
  for (std::int64_t k = 0; k < columns; ++k) {
    const __m256 w0 = _mm256_load_ps(panel.w[vector][k]);
    const __m256 w1 = _mm256_load_ps(panel.w[vector][k] + kHalf);
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      const __m256 value = _mm256_broadcast_ss(x + t * x_stride + k);
      sum[t][0] = _mm256_fmadd_ps(w0, value, sum[t][0]);
      sum[t][1] = _mm256_fmadd_ps(w1, value, sum[t][1]);
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 2
    for (int h = 0; h < kHalves; ++h) _mm256_storeu_ps(y + t * kPanelRows + h * kHalf, sum[t][h]);
  }
}

template <int kMostTokens>
void multiply_vectors(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                      std::int64_t x_stride, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    for (std::int64_t vector = 0; vector < vectors; ++vector) {
      multiply_tile<kMostTokens>(panel, vector, columns, x, x_stride, y);
    }
    x += kMostTokens * x_stride;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 3 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_vectors<kFewer>(panel, vectors, columns, x, x_stride, tokens, y);
  }
}

}  // namespace

void interleave_floats(const float* floats, FloatPanel& panel) {
  const auto* bytes = reinterpret_cast<const std::byte*>(floats);
  constexpr std::int64_t kStride = kFloatChunk * 4;
  for (std::int64_t row = 0; row < kPanelRows; row += kHalf) {
    for (std::int64_t k = 0; k < kFloatChunk; k += 4) {
      __m256i w[4];
      transpose_rows(bytes + row * kStride + k * 4, kStride, w);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) store32(panel.w[row / kLanes][k + i] + row % kLanes, w[i]);
    }
  }
}

void multiply_float(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                    std::int64_t x_stride, std::int64_t tokens, float* y) {
  multiply_vectors<6>(panel, vectors, columns, x, x_stride, tokens, y);
}

}  // namespace r1::panel::avx2

namespace r1::panel {

const Functions& avx2_functions() {
  static constexpr Functions kFunctions = {
      .round_to_int8 = avx2::round_to_int8,
      .unpack_int8 = avx2::unpack_int8,
      .multiply_int8 = avx2::multiply_int8,
      .dot_int8 = avx2::dot_int8,
      .round_to_bf16 = nullptr,
      .unpack_bf16 = nullptr,
      .multiply_bf16 = nullptr,
      .dot_bf16 = nullptr,
      .interleave_bf16_rows = nullptr,
      .interleave_floats = avx2::interleave_floats,
      .multiply_float = avx2::multiply_float,
  };
  return kFunctions;
}

}  // namespace r1::panel
