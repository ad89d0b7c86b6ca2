#include "kernels/isa.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include <hwy/targets.h>

#include "base/error.h"
#include "kernels/panel.h"

namespace r1 {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"reference", "avx2", "avx512", "amx"};

#if defined(__x86_64__)
/// True if the processor has tiles and products of int8 and bf16 tiles. Asked for by bit, as not
/// every compiler knows the names.
bool processor_has_amx() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  constexpr unsigned kAll = kBf16 | kTile | kInt8;
  return (edx & kAll) == kAll;
}

/// Linux keeps the state of tiles only for processes that asked; the answer holds for all threads.
bool permitted_to_use_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

/// Bit i: the caller of set_emulated() emulates set i.
unsigned& emulated() {
  static unsigned isas = 0;
  return isas;
}

bool supports(Isa isa) {
  if ((emulated() >> static_cast<unsigned>(isa) & 1u) != 0) return true;
#if defined(__x86_64__)
  // F16C is older than AVX2 and in every processor that has it; clang 16 doesn't know its name.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  if (isa == Isa::avx2) return avx2;
  if (isa == Isa::avx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
  }
  if (isa == Isa::amx) {
    static const bool amx = supports(Isa::avx512) && __builtin_cpu_supports("avx512bf16") &&
                            processor_has_amx() && permitted_to_use_tiles();
    return amx;
  }
#endif
  return isa == Isa::reference;
}

Isa named_isa(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Isa>(i);
  }
  throw Error("R1_ISA", "unknown instruction set \"" + std::string(text) + "\"",
              "use reference, avx2, avx512 or amx");
}

Isa chosen_isa() {
  const char* wish = std::getenv("R1_ISA");
  if (wish == nullptr || *wish == '\0') return available_isas().back();
  const Isa isa = named_isa(wish);
  if (!supports(isa)) throw Error("R1_ISA", "this processor has no " + std::string(wish));
  return isa;
}

/// Highway's code follows the same choice: nothing newer than the set in use. The plainest it has
/// stands for the reference.
void restrict_highway(Isa isa) {
  hwy::SetSupportedTargetsForTest(0);
  std::int64_t allowed = HWY_STATIC_TARGET;
  if (isa >= Isa::avx2) allowed |= HWY_AVX2;
  if (isa >= Isa::avx512) allowed |= HWY_AVX3 | HWY_AVX3_DL;
  hwy::SetSupportedTargetsForTest(hwy::SupportedTargets() & allowed);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

std::optional<Isa>& current() {
  static std::optional<Isa> isa;
  return isa;
}

}  // namespace

std::string_view name(Isa isa) {
  return kNames[static_cast<std::size_t>(isa)];
}

std::vector<Isa> available_isas() {
  std::vector<Isa> isas = {Isa::reference, Isa::avx2, Isa::avx512, Isa::amx};
  std::erase_if(isas, [](Isa isa) { return !supports(isa); });
  return isas;
}

Isa active_isa() {
  const std::optional<Isa>& isa = current();
  if (isa) return *isa;
  const Isa chosen = chosen_isa();
  set_isa(chosen);
  return chosen;
}

void set_emulated(Isa isa) {
  emulated() |= 1u << static_cast<unsigned>(isa);
}

void set_isa(Isa isa) {
  if (!supports(isa))
    throw Error("instruction set", "this processor has no " + std::string(name(isa)));
  restrict_highway(isa);
  current() = isa;
}

namespace panel {

const Functions& active_functions() {
  switch (active_isa()) {
    case Isa::reference:
      return reference_functions();
    case Isa::avx2:
      return avx2_functions();
    case Isa::avx512:
      return avx512_functions();
    case Isa::amx:
      break;
  }
  return amx_functions();
}

}  // namespace panel

bool has_bf16_dot() {
#if defined(__x86_64__)
  return active_isa() >= Isa::avx512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace r1
