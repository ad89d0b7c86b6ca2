// Blocks of every int8 type to an int8 panel.
#include "kernels/cpu/avx512/unpack_int8.h"

#include "kernels/cpu/avx512/functions.h"

namespace r1::panel::avx512 {
namespace {

/// 16 rows of a panel.
struct PanelRows {
  std::uint8_t (*q_rows)[kLanes][4];
  float (*scale_rows)[kLanes];
  float (*min_rows)[kLanes];

  template <int kPlace>
  void begin(std::int64_t) {}
  template <int kPlace>
  void q(std::int64_t dword, __m512i value) {
    _mm512_store_si512(q_rows[dword], value);
  }
  template <int kPlace>
  void end(std::int64_t group, __m512 scale) {
    _mm512_store_ps(scale_rows[group], scale);
  }
  template <int kPlace>
  void end(std::int64_t b, __m512 scale, __m512 min) {
    _mm512_store_ps(scale_rows[b], scale);
    _mm512_store_ps(min_rows[b], min);
  }
  template <int kPlace>
  void keep(std::int64_t) {}
  void end_kept(std::int64_t group, __m512 scale) { end<0>(group, scale); }
};

/// Calls block(access, b, to) for each block of each 16 rows; the rows of a last vector that has
/// fewer than 16 are copied aside first.
template <std::int64_t kBlockColumns, std::int64_t kBlockBytes, typename Block>
void unpack_rows(const Source& source, Int8Panel& panel, const Block& block) {
  const std::int64_t blocks = source.columns / kBlockColumns;
  const std::int64_t bytes = blocks * kBlockBytes;
  const std::int64_t column_bytes = source.column / kBlockColumns * kBlockBytes;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    const std::int64_t vector = row / kLanes;
    PanelRows to = {panel.q[vector], panel.scale[vector], panel.min[vector]};
    const std::byte* from = source.data + row * source.row_bytes;
    if (source.packed) {
      from += kLanes * column_bytes;
      for (std::int64_t b = 0; b < blocks; ++b) {
        const std::int64_t begin = b * kLanes * kBlockBytes;
        prefetch_bytes(source.next, row * source.row_bytes + begin, kLanes * kBlockBytes);
        block(PackedRows{from + begin}, b, to);
      }
      continue;
    }
    from += column_bytes;
    std::int64_t stride = source.row_bytes;
    alignas(64) std::byte aside[kLanes][kInt8Chunk / kBlockColumns * kBlockBytes];
    if (source.rows - row < kLanes) {
      for (std::int64_t r = 0; r < kLanes; ++r) {
        const std::int64_t last = source.rows - row - 1;
        __builtin_memcpy(aside[r], from + (r < last ? r : last) * stride,
                         static_cast<std::size_t>(bytes));
      }
      from = aside[0];
      stride = sizeof aside[0];
    }
    const std::int64_t steps = blocks < 8 ? 8 / blocks : 1;
    for (std::int64_t b = 0; b < blocks; ++b) {
      for (std::int64_t s = 0; s < steps; ++s) {
        prefetch_rows(source.next, source.row_bytes, row + 2 * (b * steps + s), bytes / 64 + 2);
      }
      block(PlainRows{from + b * kBlockBytes, stride}, b, to);
    }
  }
}

}  // namespace

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  with_type(type, [&](auto unpack, auto columns, auto bytes) {
    unpack_rows<columns.value, bytes.value>(source, panel, unpack);
  });
}

}  // namespace r1::panel::avx512
