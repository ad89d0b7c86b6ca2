// bf16 (and fp8) weights times bf16 activations with TDPBF16PS.
//
// An element's columns are added 32 after 32, each by one instruction (tiles.h says in which
// order), zeros after the last column, which change no bit of a sum. One token does the same
// with tiles of one row: another instruction would round otherwise.
#include <immintrin.h>

#include "kernels/cpu/amx/functions.h"
#include "kernels/cpu/amx/tiles.h"

namespace r1::panel::amx {
namespace {

constexpr std::int64_t kStep = kTileRowBytes / 2;  // columns of an instruction
constexpr std::int64_t kStepBytes = kTileRows * kTileRowBytes;
constexpr std::int64_t kAhead = 4096;  // bytes between what is read and what is asked for

template <int kTile>
struct Tile {
  static constexpr int kNumber = kTile;
};

/// Calls action(Tile<v>) for each v < kVectors.
template <int kVectors, typename Action>
[[gnu::always_inline]] inline void for_each_vector(const Action& action) {
  if constexpr (kVectors > 1) for_each_vector<kVectors - 1>(action);
  action(Tile<kVectors - 1>{});
}

/// Adds 32 columns: w [column / 2][row][column % 2], vectors of rows vector_bytes apart.
template <int kVectors, bool kPrefetch, int kX>
[[gnu::always_inline]] inline void multiply_step(const std::byte* w, std::int64_t vector_bytes,
                                                 const std::uint16_t* x) {
  load_tile<kX>(x, kBf16Chunk * 2);
  for_each_vector<kVectors>([&](auto tile) __attribute__((always_inline)) {
    constexpr int kVector = decltype(tile)::kNumber, kW = kWeights + kVector % 2;
    const std::byte* from = w + kVector * vector_bytes;
    if constexpr (kPrefetch) {
#pragma GCC unroll 16
      for (std::int64_t line = 0; line < kStepBytes; line += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(from + kAhead + line), _MM_HINT_T0);
      }
    }
    load_tile<kW>(from, kTileRowBytes);
    add_bf16_products<kVector, kX, kW>();
  });
}

template <int kVectors, bool kPrefetch>
[[gnu::always_inline]] inline void multiply_chunk(const std::byte* w, std::int64_t vector_bytes,
                                                  std::int64_t columns, const std::uint16_t* x) {
  for (std::int64_t column = 0; column < columns; column += 2 * kStep) {
    multiply_step<kVectors, kPrefetch, kActivations>(w, vector_bytes, x);
    multiply_step<kVectors, kPrefetch, kActivations + 1>(w + kStepBytes, vector_bytes, x + kStep);
    w += 2 * kStepBytes;
    x += 2 * kStep;
  }
}

/// y += sums * scale, for up to 16 tokens; y is 64 floats a token.
void add_scaled(const float (*sums)[kLanes], const float* scale, std::int64_t tokens, float* y) {
  const __m512 scales = _mm512_load_ps(scale);
  for (std::int64_t t = 0; t < tokens; ++t) {
    float* to = y + t * kPanelRows;
    _mm512_storeu_ps(to, _mm512_fmadd_ps(_mm512_load_ps(sums[t]), scales, _mm512_loadu_ps(to)));
  }
}

/// Up to 16 tokens, as many as the tiles are shaped for.
template <int kVectors, bool kScaled>
void multiply_tokens(const Bf16Panel& panel, std::int64_t columns, const std::uint16_t* x,
                     std::int64_t tokens, float* y) {
  constexpr std::int64_t kStride = kPanelRows * sizeof(float);
  for_each_vector<kVectors>([&](auto tile) __attribute__((always_inline)) {
    constexpr int kVector = decltype(tile)::kNumber;
    if constexpr (kScaled) {
      zero_tile<kVector>();
    } else {
      load_tile<kVector>(y + kVector * kLanes, kStride);
    }
  });
  multiply_chunk<kVectors, false>(reinterpret_cast<const std::byte*>(panel.w), sizeof panel.w[0],
                                  columns, x);
  for_each_vector<kVectors>([&](auto tile) __attribute__((always_inline)) {
    constexpr int kVector = decltype(tile)::kNumber;
    if constexpr (kScaled) {
      alignas(64) float sums[kTileRows][kLanes];
      store_tile<kVector>(sums, sizeof sums[0]);
      add_scaled(sums, panel.scale[kVector], tokens, y + kVector * kLanes);
    } else {
      store_tile<kVector>(y + kVector * kLanes, kStride);
    }
  });
}

template <int kVectors, bool kScaled>
void multiply_vectors(const Bf16Panel& panel, std::int64_t columns, const std::uint16_t* x,
                      std::int64_t tokens, float* y) {
  const std::int64_t full = tokens / kTileRows * kTileRows;
  if (full > 0) {
    const TileShapes shapes(kTileRows, kTileRowBytes);
    for (std::int64_t t = 0; t < full; t += kTileRows) {
      multiply_tokens<kVectors, kScaled>(panel, columns, x + t * kBf16Chunk, kTileRows,
                                         y + t * kPanelRows);
    }
  }
  if (full < tokens) {
    const TileShapes shapes(tokens - full, kTileRowBytes);
    multiply_tokens<kVectors, kScaled>(panel, columns, x + full * kBf16Chunk, tokens - full,
                                       y + full * kPanelRows);
  }
}

template <bool kScaled>
void multiply_panel(const Bf16Panel& panel, int vectors, std::int64_t columns,
                    const std::uint16_t* x, std::int64_t tokens, float* y) {
  switch (vectors) {
    case 1:
      return multiply_vectors<1, kScaled>(panel, columns, x, tokens, y);
    case 2:
      return multiply_vectors<2, kScaled>(panel, columns, x, tokens, y);
    case 3:
      return multiply_vectors<3, kScaled>(panel, columns, x, tokens, y);
    default:
      return multiply_vectors<4, kScaled>(panel, columns, x, tokens, y);
  }
}

/// kVectors sequential streams of packed rows at once; the tiles are shaped for one token.
template <int kVectors>
void dot_vectors(const std::byte* from, const Source& source, const std::uint16_t* x, float* y) {
  constexpr std::int64_t kColumnBytes = kLanes * 2, kChunkBytes = kBf16Chunk * kColumnBytes;
  const std::int64_t vector_bytes = kLanes * source.row_bytes;
  for_each_vector<kVectors>([&](auto tile) { zero_tile<decltype(tile)::kNumber>(); });
  std::int64_t column = 0;
  for (; column + kBf16Chunk <= source.columns; column += kBf16Chunk) {
    multiply_chunk<kVectors, true>(from + column * kColumnBytes, vector_bytes, kBf16Chunk,
                                   x + column);
  }
  if (column < source.columns) {
    alignas(64) std::byte last[kVectors][kChunkBytes] = {};
    for (int v = 0; v < kVectors; ++v) {
      __builtin_memcpy(last[v], from + v * vector_bytes + column * kColumnBytes,
                       static_cast<std::size_t>((source.columns - column) * kColumnBytes));
    }
    multiply_chunk<kVectors, false>(last[0], kChunkBytes, source.columns - column, x + column);
  }
  for_each_vector<kVectors>([&](auto tile) {
    constexpr int kVector = decltype(tile)::kNumber;
    store_tile<kVector>(y + kVector * kLanes, kTileRowBytes);
  });
}

}  // namespace

void multiply_bf16(const Bf16Panel& panel, bool scaled, int vectors, std::int64_t columns,
                   const std::uint16_t* x, std::int64_t tokens, float* y) {
  if (scaled) return multiply_panel<true>(panel, vectors, columns, x, tokens, y);
  multiply_panel<false>(panel, vectors, columns, x, tokens, y);
}

void dot_bf16(const Source& source, const std::uint16_t* x, float* y) {
  const TileShapes shapes(1, kTileRowBytes);
  std::int64_t row = 0;
  for (; row + 4 * kLanes <= source.rows; row += 4 * kLanes) {
    dot_vectors<4>(source.data + row * source.row_bytes, source, x, y + row);
  }
  for (; row < source.rows; row += kLanes) {
    dot_vectors<1>(source.data + row * source.row_bytes, source, x, y + row);
  }
}

}  // namespace r1::panel::amx
