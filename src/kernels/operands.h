// How matrices of floats that were just computed meet the panel products (kernels/panel.h): either
// side may lie transposed. A form says in which numbers a product is computed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/panel.h"

namespace r1::panel {

/// Both sides are floats, as they are.
struct FloatForm {
  using Number = float;
  using Panel = FloatPanel;
  static constexpr std::int64_t kChunk = kFloatChunk;  // columns of a panel

  /// out[0 .. kChunk) = x[0 .. count) and zeros.
  static void round(const Functions&, const float* x, std::int64_t count, float* out) {
    std::copy_n(x, count, out);
    std::fill(out + count, out + kChunk, 0.0f);
  }
  /// Lane r of the panel is row r of from[rows][stride], rows <= 64, columns <= kChunk.
  static void rows_to_panel(const Functions& functions, const float* from, std::int64_t stride,
                            std::int64_t rows, std::int64_t columns, FloatPanel& panel) {
    functions.unpack_floats(DType::f32,
                            {.data = reinterpret_cast<const std::byte*>(from),
                             .row_bytes = stride * 4,
                             .rows = rows,
                             .column = 0,
                             .columns = columns,
                             .packed = false,
                             .next = nullptr},
                            panel);
  }
  /// Lane c of the panel is column c of from[depth][stride], lanes <= 64, depth <= kChunk.
  static void columns_to_panel(const Functions&, const float* from, std::int64_t stride,
                               std::int64_t lanes, std::int64_t depth, FloatPanel& panel) {
    for (std::int64_t vector = 0; vector * kLanes < lanes; ++vector) {
      const std::int64_t count = std::min(kLanes, lanes - vector * kLanes);
      for (std::int64_t k = 0; k < depth; ++k) {
        float* to = panel.w[vector][k];
        std::copy_n(from + k * stride + vector * kLanes, count, to);
        std::fill(to + count, to + kLanes, 0.0f);
      }
    }
  }
  /// The same from numbers already rounded.
  static void interleave(const Functions& functions, const float* from, std::int64_t stride,
                         std::int64_t lanes, std::int64_t depth, FloatPanel& panel) {
    columns_to_panel(functions, from, stride, lanes, depth, panel);
  }
  /// y[token][64] += the panels' rows, a panel for each kChunk columns, times x[token][kChunk],
  /// `chunk_stride` numbers apart.
  static void multiply(const Functions& functions, const FloatPanel* panels, int vectors,
                       std::int64_t columns, const float* x, std::int64_t chunk_stride,
                       std::int64_t tokens, float* y) {
    for (; columns > 0; columns -= kChunk, ++panels, x += chunk_stride) {
      functions.multiply_float(*panels, vectors, std::min(kChunk, columns), x, kChunk, tokens, y);
    }
  }
};

/// Both sides are rounded to bf16, sums are float. Only where the set has bf16 dot products.
struct Bf16Form {
  using Number = std::uint16_t;
  using Panel = Bf16Panel;
  static constexpr std::int64_t kChunk = kBf16Chunk;

  static void round(const Functions& functions, const float* x, std::int64_t count,
                    std::uint16_t* out) {
    functions.round_to_bf16(x, count, out);
  }
  static void rows_to_panel(const Functions& functions, const float* from, std::int64_t stride,
                            std::int64_t rows, std::int64_t columns, Bf16Panel& panel) {
    alignas(64) std::uint16_t rounded[kPanelRows][kChunk];
    for (std::int64_t r = 0; r < rows; ++r)
      round(functions, from + r * stride, columns, rounded[r]);
    functions.unpack_bf16(DType::bf16,
                          {.data = reinterpret_cast<const std::byte*>(rounded),
                           .row_bytes = sizeof rounded[0],
                           .rows = rows,
                           .column = 0,
                           .columns = kChunk,
                           .packed = false,
                           .next = nullptr},
                          panel);
  }
  static void columns_to_panel(const Functions& functions, const float* from, std::int64_t stride,
                               std::int64_t lanes, std::int64_t depth, Bf16Panel& panel) {
    // Rounding writes 128 numbers, of which the next row overwrites the second half.
    alignas(64) std::uint16_t rounded[kChunk + 1][kPanelRows];
    for (std::int64_t k = 0; k < depth; ++k) round(functions, from + k * stride, lanes, rounded[k]);
    interleave(functions, rounded[0], kPanelRows, lanes, depth, panel);
  }
  static void interleave(const Functions& functions, const std::uint16_t* from, std::int64_t stride,
                         std::int64_t lanes, std::int64_t depth, Bf16Panel& panel) {
    functions.interleave_bf16_rows(reinterpret_cast<const std::byte*>(from), stride * 2, depth,
                                   lanes, panel);
  }
  static void multiply(const Functions& functions, const Bf16Panel* panels, int vectors,
                       std::int64_t columns, const std::uint16_t* x, std::int64_t chunk_stride,
                       std::int64_t tokens, float* y) {
    functions.multiply_bf16(panels, false, vectors, columns, x, chunk_stride, tokens, y);
  }
};

/// out[token][64] = column `token` of from[depth][stride]; tokens, depth <= 64, the rest zero.
inline void transpose_block(const Functions& functions, const float* from, std::int64_t stride,
                            std::int64_t depth, std::int64_t tokens, std::int64_t out_stride,
                            float* out) {
  alignas(64) float rows[kPanelRows * kFloatChunk];
  FloatPanel turned;
  if (depth < kPanelRows || tokens < kFloatChunk) std::fill_n(rows, kPanelRows * kFloatChunk, 0.0f);
  for (std::int64_t k = 0; k < depth; ++k) {
    std::copy_n(from + k * stride, tokens, rows + k * kFloatChunk);
  }
  functions.interleave_floats(rows, turned);
  for (std::int64_t token = 0; token < tokens; ++token) {
    for (std::int64_t vector = 0; vector < kPanelVectors; ++vector) {
      std::copy_n(turned.w[vector][token], kLanes, out + token * out_stride + vector * kLanes);
    }
  }
}

/// The products' other side: out[token][kChunk] = column `token` of from[depth][stride], rounded;
/// depth <= kChunk, the rest zero.
template <typename Form>
void round_columns(const Functions& functions, const float* from, std::int64_t stride,
                   std::int64_t depth, std::int64_t tokens, typename Form::Number* out) {
  alignas(64) float lines[kFloatChunk][Form::kChunk];
  for (std::int64_t token = 0; token < tokens; token += kFloatChunk) {
    const std::int64_t count = std::min(kFloatChunk, tokens - token);
    for (std::int64_t k = 0; k < depth; k += kPanelRows) {
      transpose_block(functions, from + k * stride + token, stride, std::min(kPanelRows, depth - k),
                      count, Form::kChunk, lines[0] + k);
    }
    for (std::int64_t t = 0; t < count; ++t) {
      Form::round(functions, lines[t], depth, out + (token + t) * Form::kChunk);
    }
  }
}

}  // namespace r1::panel
