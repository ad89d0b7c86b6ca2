#include "kernels/packing.h"

#include <array>
#include <cassert>
#include <cstring>

#include "kernels/panel.h"

namespace r1 {
namespace {

using panel::kLanes;

using panel::PackedField;

/// Fields of these sizes, one after the other as in the file.
template <std::size_t kCount>
constexpr std::array<PackedField, kCount> in_order(const std::uint8_t (&sizes)[kCount]) {
  std::array<PackedField, kCount> fields{};
  std::uint8_t offset = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    fields[i] = {offset, sizes[i]};
    offset = static_cast<std::uint8_t>(offset + sizes[i]);
  }
  return fields;
}

constexpr auto kQ8_0 = in_order({2, 16, 16});
constexpr auto kQ4_0 = in_order({2, 16});
constexpr auto kQ4_1 = in_order({4, 16});
constexpr auto kQ5_0 = in_order({2, 4, 16});
constexpr auto kQ5_1 = in_order({4, 4, 16});
constexpr auto kQ4K = in_order({16, 16, 16, 16, 16, 16, 16, 16, 16});
constexpr auto kQ5K = in_order({16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16});
constexpr std::array<PackedField, 14> kQ6K = {{{208, 2},
                                               {192, 16},
                                               {128, 16},
                                               {0, 16},
                                               {32, 16},
                                               {144, 16},
                                               {16, 16},
                                               {48, 16},
                                               {160, 16},
                                               {64, 16},
                                               {96, 16},
                                               {176, 16},
                                               {80, 16},
                                               {112, 16}}};
constexpr auto kPlain = in_order({16});

constexpr bool agrees_with_kernels() {
  std::int64_t position = 0;
  for (const PackedField field : kQ6K) {
    if (panel::q6_k_packed_offset(field.offset) != position) return false;
    position += field.size;
  }
  return true;
}
static_assert(agrees_with_kernels());

std::int64_t bytes_of_block(DType type) {
  return is_quantized(type) ? info(type).block_bytes : 16;
}

/// Calls move(bytes in the row, bytes in the packed rows, size) for each run of at most 4 bytes
/// that stays together, for lane `lane`.
template <typename Move>
void for_each_run(std::span<const PackedField> fields, std::int64_t blocks,
                  std::int64_t block_bytes, std::int64_t lane, const Move& move) {
  for (std::int64_t block = 0; block < blocks; ++block) {
    std::int64_t packed = block * block_bytes;
    for (const PackedField field : fields) {
      const std::int64_t run = field.size < 4 ? field.size : 4;
      for (std::int64_t at = 0; at < field.size; at += run) {
        move(block * block_bytes + field.offset + at, kLanes * (packed + at) + run * lane, run);
      }
      packed += field.size;
    }
  }
}

}  // namespace

std::span<const PackedField> packed_fields(DType type) {
  switch (type) {
    case DType::q8_0:
      return kQ8_0;
    case DType::q4_0:
    case DType::iq4_nl:
      return kQ4_0;
    case DType::q4_1:
      return kQ4_1;
    case DType::q5_0:
      return kQ5_0;
    case DType::q5_1:
      return kQ5_1;
    case DType::q4_k:
      return kQ4K;
    case DType::q5_k:
      return kQ5K;
    case DType::q6_k:
      return kQ6K;
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      return kPlain;
    default:
      return {};
  }
}

bool can_pack(const Matrix& matrix) {
  return !packed_fields(matrix.dtype).empty() && !matrix.packed && matrix.rows >= kLanes &&
         matrix.row_bytes % bytes_of_block(matrix.dtype) == 0 &&
         matrix.row_bytes == bytes_of(matrix.dtype, matrix.cols);
}

Matrix pack(const Matrix& matrix, std::byte* out) {
  assert(can_pack(matrix));
  const auto fields = packed_fields(matrix.dtype);
  const std::int64_t block_bytes = bytes_of_block(matrix.dtype);
  const std::int64_t blocks = matrix.row_bytes / block_bytes;
  const std::int64_t packed_rows = matrix.rows / kLanes * kLanes;
  const auto fast = panel::active_functions().pack_rows;
  for (std::int64_t row = 0; fast != nullptr && row < packed_rows; row += kLanes) {
    fast(fields.data(), static_cast<std::int64_t>(fields.size()), block_bytes,
         matrix.data + row * matrix.row_bytes, matrix.row_bytes, out + row * matrix.row_bytes);
  }
  for (std::int64_t row = 0; fast == nullptr && row < packed_rows; ++row) {
    const std::byte* from = matrix.data + row * matrix.row_bytes;
    std::byte* to = out + row / kLanes * kLanes * matrix.row_bytes;
    for_each_run(fields, blocks, block_bytes, row % kLanes,
                 [&](std::int64_t plain, std::int64_t packed, std::int64_t size) {
                   std::memcpy(to + packed, from + plain, size == 4 ? 4 : 2);
                 });
  }
  std::memcpy(out + packed_rows * matrix.row_bytes, matrix.data + packed_rows * matrix.row_bytes,
              static_cast<std::size_t>((matrix.rows - packed_rows) * matrix.row_bytes));
  Matrix result = matrix;
  result.data = out;
  result.packed = true;
  return result;
}

void copy_row(const Matrix& matrix, std::int64_t row, std::byte* out) {
  if (!matrix.packed || row >= matrix.rows / kLanes * kLanes) {
    std::memcpy(out, matrix.data + row * matrix.row_bytes,
                static_cast<std::size_t>(matrix.row_bytes));
    return;
  }
  const std::byte* from = matrix.data + row / kLanes * kLanes * matrix.row_bytes;
  const std::int64_t block_bytes = bytes_of_block(matrix.dtype);
  for_each_run(packed_fields(matrix.dtype), matrix.row_bytes / block_bytes, block_bytes,
               row % kLanes, [&](std::int64_t plain, std::int64_t packed, std::int64_t size) {
                 std::memcpy(out + plain, from + packed, size == 4 ? 4 : 2);
               });
}

}  // namespace r1
