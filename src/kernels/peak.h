// The loops behind BandwidthMeter and matrix_peak_gflops(), one an instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace r1::panel {

enum class PeakInstruction : std::uint8_t { int8_dot, bf16_dot, float_fma };

/// Runs the loop on the calling thread; returns the multiplications and additions it did.
double avx2_peak_loop(PeakInstruction instruction, std::int64_t rounds);
double avx512_peak_loop(PeakInstruction instruction, std::int64_t rounds);
double amx_peak_loop(PeakInstruction instruction, std::int64_t rounds);

/// Reads 8 streams of bytes / 8 each side by side; returns something that depends on all of them.
std::uint64_t avx2_read_streams(const std::byte* from, std::int64_t bytes);
std::uint64_t avx512_read_streams(const std::byte* from, std::int64_t bytes);

}  // namespace r1::panel
