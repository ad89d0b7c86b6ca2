// Weights rearranged once so that products read them in the order they need.
//
// A packed matrix holds the same bytes as the file's, so it takes the same memory: within each 16
// rows, the fields of a block (its scale, its minimum, each 16 bytes of its quants) lie side by
// side for all 16 rows, dword after dword, in the order in which products need them (the file's,
// but for Q6_K). The field before which o bytes of a row's block stand is at byte 16 * o of the
// packed block; dword d of a 16-byte field of row r is at 64 * d + 4 * r within it. The last rows,
// fewer than 16, stay as they were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/matrix.h"
#include "kernels/panel.h"

namespace r1 {

/// The fields of a type's block in the packed order; for plain floats the block is 16 bytes. Empty
/// if the type has no packed form.
std::span<const panel::PackedField> packed_fields(DType type);

/// True if the matrix can be packed: a known type, rows of whole blocks, at least 16 rows.
bool can_pack(const Matrix& matrix);

/// Writes the packed form of a row-major matrix to `out` (rows * row_bytes bytes) and returns the
/// matrix that reads it. One thread; pack slices of 16 * n rows to share the work.
Matrix pack(const Matrix& matrix, std::byte* out);

/// Copies a row's bytes out of either layout, as they stand in the file.
void copy_row(const Matrix& matrix, std::int64_t row, std::byte* out);

}  // namespace r1
