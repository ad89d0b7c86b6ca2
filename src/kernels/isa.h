// Which instruction set the kernels use: the best the processor has, or what R1_ISA names.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace r1 {

enum class Isa : std::uint8_t {
  reference,  // plain C++
  avx2,       // AVX2, FMA, F16C
  avx512,     // AVX-512 F/BW/DQ/VL with VNNI; bf16 dot products where the processor has them
  amx,        // AMX tiles with int8 and bf16 products, beside AVX-512 with bf16
};

std::string_view name(Isa isa);
/// What this processor can run, plainest first. The first call asks Linux to let this process use
/// tiles where the processor has them; amx is not there if it refuses.
std::vector<Isa> available_isas();
/// The set in use: the last of available_isas() unless R1_ISA=reference|avx2|avx512|amx says
/// otherwise. Throws Error if R1_ISA names an unknown set or one the processor lacks.
Isa active_isa();
/// Overrides the choice; not while kernels run. Throws Error if the processor lacks it.
void set_isa(Isa isa);
/// Makes a set available whose instructions the processor lacks and the caller emulates, as tests
/// do for amx.
void set_emulated(Isa isa);
/// True if the active set has bf16 dot products (VDPBF16PS or TDPBF16PS).
bool has_bf16_dot();

}  // namespace r1
