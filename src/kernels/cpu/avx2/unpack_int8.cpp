// Blocks of every int8 type to an int8 panel.
#include "kernels/cpu/avx2/unpack_int8.h"

#include "kernels/cpu/avx2/functions.h"

namespace r1::panel::avx2 {
namespace {

/// 16 rows of a panel.
struct PanelRows {
  std::uint8_t (*q_rows)[kLanes][4];
  float (*scale_rows)[kLanes];
  float (*min_rows)[kLanes];

  template <typename Get>
  [[gnu::always_inline]] void run(std::int64_t dword, const Get& get) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) {
        store32(q_rows[dword + k][half * kHalf], get(half, k));
      }
    }
  }
  template <typename Get>
  [[gnu::always_inline]] void two_runs(std::int64_t dword, std::int64_t other, const Get& get) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
#pragma GCC unroll 2
      for (int half = 0; half < kHalves; ++half) {
        __m256i low, top;
        get(half, k, low, top);
        store32(q_rows[dword + k][half * kHalf], low);
        store32(q_rows[other + k][half * kHalf], top);
      }
    }
  }
  [[gnu::always_inline]] void scale(int half, std::int64_t group, __m256 value) {
    _mm256_store_ps(scale_rows[group] + half * kHalf, value);
  }
  [[gnu::always_inline]] void min(int half, std::int64_t b, __m256 value) {
    _mm256_store_ps(min_rows[b] + half * kHalf, value);
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

/// Calls Block::unpack for each block of each 16 rows.
template <typename Block>
void unpack_rows(const Source& source, Int8Panel& panel) {
  const std::int64_t blocks = source.columns / Block::kColumns;
  const std::int64_t bytes = blocks * Block::kBytes;
  const std::int64_t column_bytes = source.column / Block::kColumns * Block::kBytes;
  Aside<kInt8Chunk / Block::kColumns * Block::kBytes> aside;
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    const std::int64_t vector = row / kLanes;
    PanelRows to = {panel.q[vector], panel.scale[vector], panel.min[vector]};
    const std::byte* from = source.data + row * source.row_bytes;
    const std::byte* next = source.next == nullptr ? from : source.next + row * source.row_bytes;
    if (source.packed) {
      from += kLanes * column_bytes;
      for (std::int64_t b = 0; b < blocks; ++b) {
        const std::int64_t begin = b * kLanes * Block::kBytes;
        prefetch(next + begin, kLanes * Block::kBytes);
        Block::unpack(PackedRows{from + begin}, b, to);
      }
      continue;
    }
    from += column_bytes;
    std::int64_t stride = source.row_bytes;
    if (source.rows - row < kLanes) {
      aside.copy(from, stride, source.rows - row, bytes);
      from = aside.rows[0];
      stride = sizeof aside.rows[0];
    }
    for (std::int64_t b = 0; b < blocks; ++b) {
      for (std::int64_t r = b * kLanes / blocks; r < (b + 1) * kLanes / blocks; ++r) {
        prefetch(next + r * source.row_bytes, bytes + 64);
      }
      Block::unpack(PlainRows{from + b * Block::kBytes, stride}, b, to);
    }
  }
}

}  // namespace

void unpack_int8(DType type, const Source& source, Int8Panel& panel) {
  with_type(type, [&](auto block) { unpack_rows<decltype(block)>(source, panel); });
}

}  // namespace r1::panel::avx2
