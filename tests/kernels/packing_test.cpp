#include "kernels/packing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "kernels/isa.h"
#include "restored_settings.h"

namespace r1 {
namespace {

TEST(Packing, every_instruction_set_writes_the_layout_that_the_header_describes) {
  const RestoredSettings restored;
  std::mt19937 rng(1);
  for (DType type :
       {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0, DType::q4_1, DType::q5_0,
        DType::q5_1, DType::q4_k, DType::q5_k, DType::q6_k, DType::iq4_nl}) {
    const std::int64_t block = std::max<std::int64_t>(info(type).block, 8);
    const std::int64_t rows = 16 + rng() % 50, cols = block * (1 + rng() % 30);
    const std::int64_t row_bytes = bytes_of(type, cols);
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows * row_bytes));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng());
    const Matrix matrix = {bytes.data(), type, rows, cols, row_bytes, nullptr, false};
    ASSERT_TRUE(can_pack(matrix)) << name(type);
    for (Isa isa : available_isas()) {
      set_isa(isa);
      for (std::size_t shift : {std::size_t{0}, std::size_t{16}}) {  // of the output's alignment
        std::vector<std::byte> memory(bytes.size() + 64 + shift);
        const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
        std::byte* out = memory.data() + (64 - address % 64) + shift;
        const Matrix packed = pack(matrix, out);
        EXPECT_TRUE(packed.packed);
        // The layout: each dword (the f16 of a block: each half dword) beside those of its lanes.
        const auto fields = packed_fields(type);
        for (std::int64_t row = 0; row < rows; ++row) {
          const std::byte* from = bytes.data() + row * row_bytes;
          const std::byte* group = out + row / 16 * 16 * row_bytes;
          std::int64_t at = 0, block = 0;  // in the packed order, and in the file's
          for (std::size_t field = 0; at < row_bytes; field = (field + 1) % fields.size()) {
            if (field == 0) block = at;
            const auto [offset, size] = fields[field];
            const std::int64_t run = std::min<std::int64_t>(size, 4);
            for (std::int64_t begin = 0; begin < size; begin += run) {
              const std::int64_t plain = block + offset + begin;
              const std::byte* to = row >= rows / 16 * 16
                                        ? out + row * row_bytes + plain
                                        : group + 16 * (at + begin) + run * (row % 16);
              ASSERT_EQ(std::memcmp(from + plain, to, static_cast<std::size_t>(run)), 0)
                  << name(isa) << ' ' << name(type) << " row " << row << " byte " << plain;
            }
            at += size;
          }
          std::vector<std::byte> copy(static_cast<std::size_t>(row_bytes));
          copy_row(packed, row, copy.data());
          ASSERT_EQ(std::memcmp(copy.data(), from, copy.size()), 0) << name(type) << " row " << row;
        }
      }
    }
  }
}

}  // namespace
}  // namespace r1
