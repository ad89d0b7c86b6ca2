// float weights times float activations with fused multiply-add, and the table of this set.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

/// kVectors x 16 rows times kTokens tokens; 2 * kVectors * kTokens + 3 registers are live.
template <int kVectors, int kTokens>
[[gnu::always_inline]] inline void multiply_tile(const FloatPanel& panel, std::int64_t vector,
                                                 std::int64_t columns, const float* x,
                                                 std::int64_t x_stride, float* y) {
  constexpr int kRegisters = kVectors * kHalves;
  __m256 sum[kTokens][kRegisters];
  y += vector * kLanes;
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      sum[t][r] = _mm256_loadu_ps(y + t * kPanelRows + r * kHalf);
    }
  }
  for (std::int64_t k = 0; k < columns; ++k) {
    __m256 w[kRegisters];
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      w[r] = _mm256_load_ps(panel.w[vector + r / kHalves][k] + r % kHalves * kHalf);
    }
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      const __m256 value = _mm256_broadcast_ss(x + t * x_stride + k);
#pragma GCC unroll 8
      for (int r = 0; r < kRegisters; ++r) sum[t][r] = _mm256_fmadd_ps(w[r], value, sum[t][r]);
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      _mm256_storeu_ps(y + t * kPanelRows + r * kHalf, sum[t][r]);
    }
  }
}

template <int kMostTokens>
void multiply_vectors(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                      std::int64_t x_stride, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    // With few tokens the sums of several vectors hide each other's latency.
    constexpr int kTogether = kMostTokens == 1 ? 4 : kMostTokens == 2 ? 2 : 1;
    std::int64_t vector = 0;
    for (; vector + kTogether <= vectors; vector += kTogether) {
      multiply_tile<kTogether, kMostTokens>(panel, vector, columns, x, x_stride, y);
    }
    for (; vector < vectors; ++vector) {
      multiply_tile<1, kMostTokens>(panel, vector, columns, x, x_stride, y);
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
      .transpose_bf16 = nullptr,
      .interleave_floats = avx2::interleave_floats,
      .multiply_float = avx2::multiply_float,
      .dequantize = avx2::dequantize,
      .unpack_floats = avx2::unpack_floats,
      .dot_floats = avx2::dot_floats,
      .pack_rows = avx2::pack_rows,
  };
  return kFunctions;
}

}  // namespace r1::panel
