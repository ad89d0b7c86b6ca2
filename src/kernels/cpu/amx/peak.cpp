// Tile products without loads or stores: how fast the multiplier itself can go.
#include "kernels/peak.h"

#include "kernels/cpu/amx/tiles.h"

namespace r1::panel {

double amx_peak_loop(PeakInstruction instruction, std::int64_t rounds) {
  if (instruction == PeakInstruction::float_fma) return avx512_peak_loop(instruction, rounds);
  const amx::TileShapes shapes(amx::kTileRows, amx::kTileRowBytes);
  // Four independent sums hide the latency; full tiles, which scaled types cannot use.
  if (instruction == PeakInstruction::int8_dot) {
    for (std::int64_t i = 0; i < rounds; ++i) {
      amx::add_int8_products<0, 4, 6>();
      amx::add_int8_products<1, 4, 7>();
      amx::add_int8_products<2, 5, 6>();
      amx::add_int8_products<3, 5, 7>();
    }
    return 4.0 * 2.0 * 16.0 * 16.0 * 64.0 * static_cast<double>(rounds);
  }
  for (std::int64_t i = 0; i < rounds; ++i) {
    amx::add_bf16_products<0, 4, 6>();
    amx::add_bf16_products<1, 4, 7>();
    amx::add_bf16_products<2, 5, 6>();
    amx::add_bf16_products<3, 5, 7>();
  }
  return 4.0 * 2.0 * 16.0 * 16.0 * 32.0 * static_cast<double>(rounds);
}

}  // namespace r1::panel
