#include "kernels/panel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/isa.h"
#include "kernels/reference/quantization.h"
#include "restored_settings.h"

namespace r1 {
namespace {

/// All values of 16 bits, one after the other; of an odd length, as rows of weights may be.
std::vector<std::byte> all_bits() {
  std::vector<std::byte> bytes(2 * 65536 + 10);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i % 2 == 0 ? i / 2 : i / 512);
  }
  return bytes;
}

TEST(Dequantize, gives_the_same_numbers_with_every_instruction_set) {
  const RestoredSettings restored;
  const std::vector<std::byte> bytes = all_bits();
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (DType type : {DType::f32, DType::f16, DType::bf16, DType::f8_e4m3, DType::q8_0}) {
      const auto count =
          static_cast<std::int64_t>(bytes.size()) / info(type).block_bytes * info(type).block;
      std::vector<float> want(static_cast<std::size_t>(count), -1.0f), got(want);
      dequantize(type, bytes.data(), count, want.data());
      panel::active_functions().dequantize(type, bytes.data(), count, got.data());
      for (std::size_t i = 0; i < want.size(); ++i) {
        const bool same =
            std::bit_cast<std::uint32_t>(want[i]) == std::bit_cast<std::uint32_t>(got[i]);
        ASSERT_TRUE(same || (std::isnan(want[i]) && std::isnan(got[i])))
            << name(isa) << ' ' << name(type) << " at " << i << ": " << want[i] << ' ' << got[i];
      }
    }
  }
}

TEST(FloatPanel, rows_that_are_missing_in_a_vector_are_zero) {
  const RestoredSettings restored;
  const std::vector<float> weights(std::size_t{15} * panel::kFloatChunk, 1.0f);
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (std::int64_t rows = 1; rows < panel::kLanes; ++rows) {
      panel::FloatPanel unpacked;
      std::fill_n(&unpacked.w[0][0][0], sizeof unpacked.w / sizeof(float), 1e-40f);
      panel::active_functions().unpack_floats(
          DType::f32,
          {.data = reinterpret_cast<const std::byte*>(weights.data()),
           .row_bytes = panel::kFloatChunk * 4,
           .rows = rows,
           .column = 0,
           .columns = panel::kFloatChunk,
           .packed = false,
           .next = nullptr},
          unpacked);
      for (const auto& column : unpacked.w[0]) {
        for (std::int64_t row = 0; row < panel::kLanes; ++row) {
          ASSERT_EQ(column[row], row < rows ? 1.0f : 0.0f) << name(isa) << ' ' << rows;
        }
      }
    }
  }
}

}  // namespace
}  // namespace r1
