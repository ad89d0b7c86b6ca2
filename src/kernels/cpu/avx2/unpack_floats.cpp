// Rows of plain floats to a float panel.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/plain_floats.h"

namespace r1::panel::avx2 {
namespace {

template <typename Type>
void unpack_rows(const Source& source, FloatPanel& panel) {
  constexpr std::int64_t kChunkBytes = kFloatChunk * Type::kBytes;
  const std::int64_t bytes = source.columns * Type::kBytes;
  const std::int64_t rows = (source.rows + kLanes - 1) / kLanes * kLanes;
  for (std::int64_t row = 0; row < rows; row += kHalf) {
    const std::byte* from = source.data + row * source.row_bytes + source.column * Type::kBytes;
    std::int64_t stride = source.row_bytes;
    for (std::int64_t r = row; source.next != nullptr && r < row + kHalf; ++r) {
      prefetch(source.next + r * stride, kChunkBytes);
    }
    alignas(64) std::byte aside[kHalf][kChunkBytes];
    if (source.rows - row < kHalf || bytes < kChunkBytes) {
      __builtin_memset(aside, 0, sizeof aside);
      for (std::int64_t r = 0; r < kHalf && row + r < source.rows; ++r) {
        __builtin_memcpy(aside[r], from + r * stride, static_cast<std::size_t>(bytes));
      }
      from = aside[0];
      stride = sizeof aside[0];
    }
    for (int k = 0; k < kFloatChunk; k += Type::kRowColumns) {
      __m256 columns[Type::kRowColumns];
      Type::from_rows(from + k * Type::kBytes, stride, columns);
#pragma GCC unroll 8
      for (int i = 0; i < Type::kRowColumns; ++i) {
        _mm256_store_ps(panel.w[row / kLanes][k + i] + row % kLanes, columns[i]);
      }
    }
  }
}

template <typename Type>
void unpack_packed(const Source& source, FloatPanel& panel) {
  for (std::int64_t row = 0; row < source.rows; row += kLanes) {
    const std::int64_t first = row * source.row_bytes;
    const std::byte* from = source.data + first + kLanes * source.column * Type::kBytes;
    const std::byte* next = source.next == nullptr ? from : source.next + first;
    for (std::int64_t k = 0; k < source.columns; k += Type::kLineColumns, from += 64, next += 64) {
      prefetch(next, 1);
      __m256 columns[Type::kLineColumns][kHalves];
      Type::from_line(from, columns);
#pragma GCC unroll 2
      for (int i = 0; i < Type::kLineColumns; ++i) {
        _mm256_store_ps(panel.w[row / kLanes][k + i], columns[i][0]);
        _mm256_store_ps(panel.w[row / kLanes][k + i] + kHalf, columns[i][1]);
      }
    }
  }
}

}  // namespace

void unpack_floats(DType type, const Source& source, FloatPanel& panel) {
  with_float_type(type, [&](auto float_type) {
    if (source.packed) {
      unpack_packed<decltype(float_type)>(source, panel);
    } else {
      unpack_rows<decltype(float_type)>(source, panel);
    }
  });
}

}  // namespace r1::panel::avx2
