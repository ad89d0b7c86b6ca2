#include "kernels/bf16_rows.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/panel.h"

namespace r1 {

using panel::kBf16Chunk;

Bf16Rows Bf16Rows::from(std::int64_t row) const {
  return {numbers == nullptr ? nullptr : numbers + row * kBf16Chunk, chunk_stride};
}

std::int64_t bf16_rows_size(std::int64_t rows, std::int64_t columns) {
  return (columns + kBf16Chunk - 1) / kBf16Chunk * kBf16Chunk * rows;
}

Bf16Rows round_rows(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                    std::uint16_t* out) {
  const panel::Functions& functions = panel::active_functions();
  const std::int64_t chunks = (columns + kBf16Chunk - 1) / kBf16Chunk;
  constexpr std::int64_t kRows = 32;  // that a thread takes at a time
  parallel_blocks(rows, kRows, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * chunks; i < end * chunks; ++i) {
      const std::int64_t row = i / chunks, chunk = i % chunks, column = chunk * kBf16Chunk;
      functions.round_to_bf16(x + row * stride + column, std::min(kBf16Chunk, columns - column),
                              out + (chunk * rows + row) * kBf16Chunk);
    }
  });
  return {out, rows * kBf16Chunk};
}

}  // namespace r1
