// int8 panel times int8 activations with TDPBSSD.
//
// Each group of columns has a scale of its own, so a tile of sums covers one group; it is stored,
// converted, scaled and added by AVX-512, in the order and with the bits of every other set. Up to
// four tiles are under way, so that the multiplier works while the sums before are scaled. Weights
// are made signed once a panel, which saves an addition a sum.
#include <immintrin.h>

#include "kernels/cpu/amx/functions.h"
#include "kernels/cpu/amx/tiles.h"
#include "kernels/cpu/avx512/functions.h"

namespace r1::panel::amx {
namespace {

constexpr int kAhead = kSums - 1;  // tiles multiplied before the sums of the first are read

using Integers = std::int32_t[kTileRows][kLanes];

/// Multiplies one group of columns after the other, vector of rows after vector of rows.
template <int kGroup>
struct Multiplier {
  const Int8Panel& panel;
  const Int8Activations* x;
  std::int64_t groups;  // of a vector
  int vector = 0;
  std::int64_t group = 0;
  int tile = 0;

  template <int kTile>
  [[gnu::always_inline]] void multiply(Integers& to) const {
    zero_tile<kTile>();
    load_tile<kActivations + kTile % 2>(x->q + group * kGroup, sizeof(Int8Activations));
    load_tile<kWeights + kTile % 2>(panel.q[vector][group * kGroup / 4], kTileRowBytes);
    add_int8_products<kTile, kActivations + kTile % 2, kWeights + kTile % 2>();
    store_tile<kTile>(to, sizeof to[0]);
  }

  [[gnu::always_inline]] void multiply_next(Integers* integers) {
    switch (tile) {
      case 0:
        multiply<0>(integers[0]);
        break;
      case 1:
        multiply<1>(integers[1]);
        break;
      case 2:
        multiply<2>(integers[2]);
        break;
      default:
        multiply<3>(integers[3]);
    }
    tile = (tile + 1) % kSums;
    if (++group == groups) {
      group = 0;
      ++vector;
    }
  }
};

/// Up to 16 tokens, as many as the tiles are shaped for; kFull: 16, whose sums stay in registers.
template <int kGroup, bool kMin, bool kFull>
void multiply_tokens(const Int8Panel& panel, int vectors, std::int64_t columns,
                     const Int8Activations* x, std::int64_t count, float* y) {
  const std::int64_t tokens = kFull ? kTileRows : count;
  const std::int64_t groups = columns / kGroup, steps = vectors * groups;
  alignas(64) Integers integers[kSums];
  Multiplier<kGroup> multiplier = {.panel = panel, .x = x, .groups = groups};
  std::int64_t step = 0;
  for (; step < kAhead && step < steps; ++step) multiplier.multiply_next(integers);
  int tile = 0;
  for (int vector = 0; vector < vectors; ++vector) {
    float* to = y + vector * kLanes;
    __m512 sum[kTileRows];
#pragma GCC unroll 16
    for (std::int64_t t = 0; t < tokens; ++t) sum[t] = _mm512_loadu_ps(to + t * kPanelRows);
    for (std::int64_t group = 0; group < groups; ++group, ++step) {
      if (step < steps) multiplier.multiply_next(integers);
      const std::int64_t b = group * kGroup / kBlock;
      const __m512 scale = _mm512_load_ps(panel.scale[vector][group]);
      const __m512 min = kMin ? _mm512_load_ps(panel.min[vector][b]) : _mm512_setzero_ps();
#pragma GCC unroll 16
      for (std::int64_t t = 0; t < tokens; ++t) {
        const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(x[t].scale[b]));
        const __m512 integer = _mm512_cvtepi32_ps(_mm512_load_si512(integers[tile][t]));
        sum[t] = _mm512_fmadd_ps(integer, both, sum[t]);
        if constexpr (kMin) sum[t] = _mm512_fmadd_ps(min, _mm512_set1_ps(x[t].sum[b]), sum[t]);
      }
      tile = (tile + 1) % kSums;
    }
#pragma GCC unroll 16
    for (std::int64_t t = 0; t < tokens; ++t) _mm512_storeu_ps(to + t * kPanelRows, sum[t]);
  }
}

template <int kGroup, bool kMin>
void multiply_format(const Int8Panel& panel, int vectors, std::int64_t columns,
                     const Int8Activations* x, std::int64_t tokens, float* y) {
  const std::int64_t full = tokens / kTileRows * kTileRows;
  if (full > 0) {
    const TileShapes shapes(kTileRows, kGroup);
    for (std::int64_t t = 0; t < full; t += kTileRows) {
      multiply_tokens<kGroup, kMin, true>(panel, vectors, columns, x + t, kTileRows,
                                          y + t * kPanelRows);
    }
  }
  if (full < tokens) {
    const TileShapes shapes(tokens - full, kGroup);
    multiply_tokens<kGroup, kMin, false>(panel, vectors, columns, x + full, tokens - full,
                                         y + full * kPanelRows);
  }
}

}  // namespace

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  avx512::unpack_int8(type, source, panel);
  const int offset = int8_format(type).offset;
  if (offset == 0) return;
  const __m512i offsets = _mm512_set1_epi8(static_cast<char>(offset));
  for (std::int64_t vector = 0; vector * kLanes < source.rows; ++vector) {
    for (std::int64_t dword = 0; dword < source.columns / 4; ++dword) {
      auto* q = panel.q[vector][dword];
      _mm512_store_si512(q, _mm512_sub_epi8(_mm512_load_si512(q), offsets));
    }
  }
}

void multiply_int8(const Int8Panel& panel, Int8Format format, int vectors, std::int64_t columns,
                   const Int8Activations* x, std::int64_t tokens, float* y) {
  if (format.group == 16) {
    return multiply_format<16, false>(panel, vectors, columns, x, tokens, y);
  }
  if (format.has_min) return multiply_format<32, true>(panel, vectors, columns, x, tokens, y);
  multiply_format<32, false>(panel, vectors, columns, x, tokens, y);
}

}  // namespace r1::panel::amx
