#include "kernels/isa.h"

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

constexpr std::array<std::string_view, 3> kNames = {"reference", "avx2", "avx512"};

bool supports(Isa isa) {
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
  std::vector<Isa> isas = {Isa::reference, Isa::avx2, Isa::avx512};
  std::erase_if(isas, [](Isa isa) { return !supports(isa); });
  return isas;
}

Isa active_isa() {
  if (!current()) set_isa(chosen_isa());
  return *current();
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
      break;
  }
  return avx512_functions();
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
