// Blocks of every int8 type to an int8 panel.
#include "kernels/cpu/avx2/unpack_int8.h"

#include "kernels/cpu/avx2/functions.h"

namespace r1::panel::avx2 {
namespace {

/// 8 rows of a panel.
struct PanelRows {
  std::uint8_t (*q_rows)[kLanes][4];
  float (*scale_rows)[kLanes];
  float (*min_rows)[kLanes];
  std::int64_t first;

  [[gnu::always_inline]] void run(std::int64_t dword, const __m256i q[4]) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) store32(q_rows[dword + k][first], q[k]);
  }
  [[gnu::always_inline]] void scale(std::int64_t group, __m256 value) {
    _mm256_storeu_ps(scale_rows[group] + first, value);
  }
  [[gnu::always_inline]] void min(std::int64_t b, __m256 value) {
    _mm256_storeu_ps(min_rows[b] + first, value);
  }
};

/// The rows of a last vector that has fewer than 16, copied aside with the last one repeated.
template <std::int64_t kRowBytes>
struct Aside {
  alignas(64) std::byte rows[kLanes][kRowBytes];

  void copy(const std::byte* from, std::int64_t stride, std::int64_t count, std::int64_t bytes) {
    for (std::int64_t r = 0; r < kLanes; ++r) {
      __builtin_memcpy(rows[r], from + (r < count ? r : count - 1) * stride,
                       static_cast<std::size_t>(bytes));
    }
  }
};

/// Calls Block::unpack(access, b, to) for each block of each 8 rows.
template <typename Block>
void unpack_rows(const Source& source, Int8Panel& panel) {
  constexpr std::int64_t kBlockBytes = Block::kBytes, kBlockColumns = Block::kColumns;
  const std::int64_t blocks = source.columns / kBlockColumns;
  const std::int64_t bytes = blocks * kBlockBytes;
  const std::int64_t column_bytes = source.column / kBlockColumns * kBlockBytes;
  Aside<kInt8Chunk / kBlockColumns * kBlockBytes> aside;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    const std::int64_t vector = row / kLanes;
    const std::byte* from = source.data + row * source.row_bytes;
    std::int64_t stride = source.row_bytes;
    if (source.packed) {
      from += kLanes * column_bytes;
      if (source.next != nullptr) prefetch(source.next + row * stride, kLanes * bytes);
    } else {
      from += column_bytes;
      for (std::int64_t r = row; source.next != nullptr && r < row + kLanes; ++r) {
        prefetch(source.next + r * stride, bytes + 63);
      }
      if (source.rows - row < kLanes) {
        aside.copy(from, stride, source.rows - row, bytes);
        from = aside.rows[0];
        stride = sizeof aside.rows[0];
      }
    }
    for (std::int64_t half = 0; half < kHalves; ++half) {
      PanelRows to = {panel.q[vector], panel.scale[vector], panel.min[vector], half * kHalf};
      for (std::int64_t b = 0; b < blocks; ++b) {
        if (source.packed) {
          Block::unpack(PackedRows{from + b * kLanes * kBlockBytes, half}, b, to);
        } else {
          Block::unpack(PlainRows{from + half * kHalf * stride + b * kBlockBytes, stride}, b, to);
        }
      }
    }
  }
}

}  // namespace

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  with_type(type, [&](auto block) { unpack_rows<decltype(block)>(source, panel); });
}

}  // namespace r1::panel::avx2
