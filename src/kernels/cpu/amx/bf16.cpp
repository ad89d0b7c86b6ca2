// bf16 (and fp8) weights times bf16 activations with TDPBF16PS.
//
// An element's columns are added 32 after 32, each by one instruction (tiles.h says in which
// order), zeros after the last column up to a multiple of 64. One token does the same with tiles of
// one row: another instruction would round otherwise.
#include <immintrin.h>

#include <algorithm>

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

/// Adds 32 columns for kTokenTiles tiles of tokens; the sums of tile t and vector v are in tile
/// t * kVectors + v.
template <int kTokenTiles, int kVectors>
[[gnu::always_inline]] inline void multiply_tiles_step(const std::byte* w, const std::uint16_t* x) {
  multiply_step<kVectors, false, kActivations>(w, sizeof Bf16Panel::w[0], x);
  if constexpr (kTokenTiles == 2) {
    static_assert(kVectors <= 2);
    load_tile<kActivations + 1>(x + kTileRows * kBf16Chunk, kBf16Chunk * 2);
    for_each_vector<kVectors>([&](auto tile) __attribute__((always_inline)) {
      constexpr int kVector = decltype(tile)::kNumber;
      add_bf16_products<kVectors + kVector, kActivations + 1, kWeights + kVector>();
    });
  }
}

/// Running sums of kTokenTiles tiles of tokens by kVectors vectors of rows, over all columns.
template <int kTokenTiles, int kVectors>
void multiply_tiles(const Bf16Panel* panels, int vector, std::int64_t columns,
                    const std::uint16_t* x, std::int64_t chunk_stride, float* y) {
  constexpr std::int64_t kStride = kPanelRows * sizeof(float);
  const auto sums = [y](int tile) {
    return y + tile / kVectors * kTileRows * kPanelRows + tile % kVectors * kLanes;
  };
  for_each_vector<kTokenTiles * kVectors>([&](auto tile) __attribute__((always_inline)) {
    constexpr int kNumber = decltype(tile)::kNumber;
    load_tile<kNumber>(sums(kNumber), kStride);
  });
  for (; columns > 0; columns -= kBf16Chunk, ++panels, x += chunk_stride) {
    const auto* w = reinterpret_cast<const std::byte*>(panels->w[vector]);
    // Steps in pairs, as one token's: a step of zeros makes a sum of -0 one of 0.
    for (std::int64_t step = 0; step * kStep < std::min(kBf16Chunk, columns); step += 2) {
      multiply_tiles_step<kTokenTiles, kVectors>(w + step * kStepBytes, x + step * kStep);
      multiply_tiles_step<kTokenTiles, kVectors>(w + (step + 1) * kStepBytes,
                                                 x + (step + 1) * kStep);
    }
  }
  for_each_vector<kTokenTiles * kVectors>([&](auto tile) __attribute__((always_inline)) {
    constexpr int kNumber = decltype(tile)::kNumber;
    store_tile<kNumber>(sums(kNumber), kStride);
  });
}

/// kTokenTiles tiles of tokens by all vectors.
template <int kTokenTiles>
void multiply_vectors(const Bf16Panel* panels, int vectors, std::int64_t columns,
                      const std::uint16_t* x, std::int64_t chunk_stride, float* y) {
  int vector = 0;
  for (; vector + 2 <= vectors; vector += 2) {
    multiply_tiles<kTokenTiles, 2>(panels, vector, columns, x, chunk_stride, y + vector * kLanes);
  }
  if (vector == vectors) return;
  multiply_tiles<kTokenTiles, 1>(panels, vector, columns, x, chunk_stride, y + vector * kLanes);
}

/// Up to 16 tokens by kVectors vectors of rows; each chunk is summed from zero.
template <int kVectors>
void multiply_scaled(const Bf16Panel* panels, int vector, std::int64_t columns,
                     const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                     float* y) {
  for (; columns > 0; columns -= kBf16Chunk, ++panels, x += chunk_stride) {
    for_each_vector<kVectors>([](auto tile) { zero_tile<decltype(tile)::kNumber>(); });
    multiply_chunk<kVectors, false>(reinterpret_cast<const std::byte*>(panels->w[vector]),
                                    sizeof panels->w[0], std::min(kBf16Chunk, columns), x);
    for_each_vector<kVectors>([&](auto tile) __attribute__((always_inline)) {
      constexpr int kVector = decltype(tile)::kNumber;
      alignas(64) float sums[kTileRows][kLanes];
      store_tile<kVector>(sums, sizeof sums[0]);
      add_scaled(sums, panels->scale[vector + kVector], tokens, y + kVector * kLanes);
    });
  }
}

/// The same for all vectors: four together, as each sum waits for its last product.
void multiply_scaled(const Bf16Panel* panels, int vectors, std::int64_t columns,
                     const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                     float* y) {
  if (vectors == kPanelVectors) {
    return multiply_scaled<kPanelVectors>(panels, 0, columns, x, chunk_stride, tokens, y);
  }
  for (int vector = 0; vector < vectors; ++vector) {
    multiply_scaled<1>(panels, vector, columns, x, chunk_stride, tokens, y + vector * kLanes);
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

void multiply_bf16(const Bf16Panel* panels, bool scaled, int vectors, std::int64_t columns,
                   const std::uint16_t* x, std::int64_t chunk_stride, std::int64_t tokens,
                   float* y) {
  std::int64_t token = 0;
  while (token < tokens) {
    // Tiles of 16 tokens, then one of what is left.
    const std::int64_t end = tokens - token >= kTileRows ? tokens - tokens % kTileRows : tokens;
    const std::int64_t rows = std::min(kTileRows, end - token);
    const TileShapes shapes(rows, kTileRowBytes);
    for (std::int64_t step = 0; token < end; token += step) {
      const std::uint16_t* from = x + token * kBf16Chunk;
      float* to = y + token * kPanelRows;
      step = rows;
      if (scaled) {
        multiply_scaled(panels, vectors, columns, from, chunk_stride, rows, to);
      } else if (end - token >= 2 * kTileRows) {
        multiply_vectors<2>(panels, vectors, columns, from, chunk_stride, to);
        step = 2 * kTileRows;
      } else {
        multiply_vectors<1>(panels, vectors, columns, from, chunk_stride, to);
      }
    }
  }
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
