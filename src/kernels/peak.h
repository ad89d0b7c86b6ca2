// The loops behind matrix_peak_gflops(), one an instruction set.
#pragma once

#include <cstdint>

namespace r1::panel {

enum class PeakInstruction : std::uint8_t { int8_dot, bf16_dot, float_fma };

/// Runs the loop on the calling thread; returns the multiplications and additions it did.
double avx2_peak_loop(PeakInstruction instruction, std::int64_t rounds);
double avx512_peak_loop(PeakInstruction instruction, std::int64_t rounds);

}  // namespace r1::panel
