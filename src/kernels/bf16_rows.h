// Rows of floats rounded to bf16 as the products read them, so that one rounding serves several.
#pragma once

#include <cstdint>

namespace r1 {

/// Number `column` of row `row` lies at numbers[column / 128 * chunk_stride + row * 128 +
/// column % 128]; zeros fill the last chunk.
struct Bf16Rows {
  const std::uint16_t* numbers = nullptr;
  std::int64_t chunk_stride = 0;

  /// The same without the first rows.
  Bf16Rows from(std::int64_t row) const;
};

/// How many numbers rows take.
std::int64_t bf16_rows_size(std::int64_t rows, std::int64_t columns);

/// Rounds x [rows][columns], rows `stride` floats apart, to `out`, whose chunks follow each other.
/// Only where has_bf16_dot().
Bf16Rows round_rows(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                    std::uint16_t* out);

}  // namespace r1
