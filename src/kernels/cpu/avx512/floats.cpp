// float weights times float activations with fused multiply-add, and the table of this set.
#include <immintrin.h>

#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx512/functions.h"
#include "kernels/cpu/avx512/transpose.h"

namespace r1::panel::avx512 {
namespace {

template <int kVectors, int kTokens>
inline void multiply_tile(const FloatPanel& panel, int vector, std::int64_t columns, const float* x,
                          std::int64_t x_stride, float* y) {
  __m512 sum[kVectors][kTokens];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      sum[v][t] = _mm512_loadu_ps(y + t * kPanelRows + (vector + v) * kLanes);
    }
  }
  for (std::int64_t k = 0; k < columns; ++k) {
    __m512 w[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) w[v] = _mm512_load_ps(panel.w[vector + v][k]);
#pragma GCC unroll 16
    for (int t = 0; t < kTokens; ++t) {
      const __m512 value = _mm512_set1_ps(x[t * x_stride + k]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[v][t] = _mm512_fmadd_ps(w[v], value, sum[v][t]);
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

template <int kVectors, int kMostTokens>
void multiply_vectors(const FloatPanel& panel, int vector, std::int64_t columns, const float* x,
                      std::int64_t x_stride, std::int64_t tokens, float* y) {
  while (tokens >= kMostTokens) {
    multiply_tile<kVectors, kMostTokens>(panel, vector, columns, x, x_stride, y);
    x += kMostTokens * x_stride;
    y += kMostTokens * kPanelRows;
    tokens -= kMostTokens;
  }
  if constexpr (kMostTokens > 1) {
    constexpr int kFewer = kMostTokens > 3 ? kMostTokens / 2 : kMostTokens - 1;
    multiply_vectors<kVectors, kFewer>(panel, vector, columns, x, x_stride, tokens, y);
  }
}

}  // namespace

void interleave_floats(const float* floats, FloatPanel& panel) {
  const auto* bytes = reinterpret_cast<const std::byte*>(floats);
  for (std::int64_t vector = 0; vector < kPanelVectors; ++vector) {
    for (std::int64_t k = 0; k < kFloatChunk; k += 4) {
      __m512i w[4];
      transpose_rows(bytes + (vector * kLanes * kFloatChunk + k) * 4, kFloatChunk * 4, w);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) _mm512_store_si512(panel.w[vector][k + i], w[i]);
    }
  }
}

void multiply_float(const FloatPanel& panel, int vectors, std::int64_t columns, const float* x,
                    std::int64_t x_stride, std::int64_t tokens, float* y) {
  if (vectors == kPanelVectors) {
    return multiply_vectors<4, 6>(panel, 0, columns, x, x_stride, tokens, y);
  }
  for (int vector = 0; vector < vectors; ++vector) {
    multiply_vectors<1, 8>(panel, vector, columns, x, x_stride, tokens, y);
  }
}

}  // namespace r1::panel::avx512

namespace r1::panel {

const Functions& avx512_functions() {
  static constexpr Functions kFunctions = {
      .round_to_int8 = avx512::round_to_int8,
      .unpack_int8 = avx512::unpack_int8,
      .multiply_int8 = avx512::multiply_int8,
      .dot_int8 = avx512::dot_int8,
      .round_to_bf16 = avx512::round_to_bf16,
      .unpack_bf16 = avx512::unpack_bf16,
      .multiply_bf16 = avx512::multiply_bf16,
      .dot_bf16 = avx512::dot_bf16,
      .interleave_bf16_rows = avx512::interleave_bf16_rows,
      .transpose_bf16 = avx512::transpose_bf16,
      .interleave_floats = avx512::interleave_floats,
      .multiply_float = avx512::multiply_float,
      .dequantize = avx2::dequantize,
      .unpack_floats = avx2::unpack_floats,
      .dot_floats = avx2::dot_floats,
      .pack_rows = avx2::pack_rows,
  };
  return kFunctions;
}

}  // namespace r1::panel
