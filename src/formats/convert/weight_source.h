// Rows of numbers for a tensor that is being written, from wherever they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/checkpoint.h"

namespace r1 {

/// A matrix read by rows; several threads may read at a time. A tensor of more dimensions is the
/// matrix of all its innermost rows, a vector is one row.
struct WeightSource {
  std::int64_t rows = 0, columns = 0;
  /// The type that holds the numbers best when no other is wanted.
  DType own_type = DType::f32;
  /// The numbers of `count` rows from `first` on.
  std::function<void(std::int64_t first, std::int64_t count, float* out)> read;
  /// The type that the rows are stored in as they are needed, and their bytes; or nothing, if they
  /// must be computed.
  std::optional<DType> stored;
  std::function<void(std::int64_t first, std::int64_t count, std::byte* out)> copy;
};

/// The tensor as it is stored.
WeightSource source_of(DType type, const std::vector<std::int64_t>& shape,
                       std::span<const std::byte> bytes);

/// The tensor of that name with its true values: fp8 weights are multiplied with the scales of
/// their 128x128 blocks. Throws Error if the tensor, or the scales' shape, is not as it must be.
WeightSource source_of(const Checkpoint& model, const std::string& name);

/// A row of one of several sources.
struct SourceRow {
  std::size_t source;
  std::int64_t row;
};
/// `rows` rows, each of which is found in one of the sources, which have equal columns.
WeightSource gathered(std::vector<WeightSource> sources, std::int64_t rows,
                      const std::function<SourceRow(std::int64_t)>& find);

/// The columns of each block of `block_rows` rows as rows: of [blocks * block_rows, columns] the
/// matrix [blocks * columns, block_rows]. The source is decoded as a whole when first read.
WeightSource transposed_blocks(WeightSource source, std::int64_t block_rows);

/// A row of numbers.
WeightSource source_of_numbers(std::vector<float> numbers);

}  // namespace r1
