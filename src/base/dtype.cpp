#include "base/dtype.h"
#include "base/characters.h"

#include <array>
#include <string>

namespace r1 {
namespace {

constexpr std::array<DTypeInfo, 21> kInfos = {{
    {"f32", 1, 4},      {"f16", 1, 2},      {"bf16", 1, 2},     {"f64", 1, 8},
    {"f8_e4m3", 1, 1},  {"i8", 1, 1},       {"i16", 1, 2},      {"i32", 1, 4},
    {"i64", 1, 8},      {"u8", 1, 1},       {"q8_0", 32, 34},   {"q4_0", 32, 18},
    {"q4_1", 32, 20},   {"q5_0", 32, 22},   {"q5_1", 32, 24},   {"q2_k", 256, 84},
    {"q3_k", 256, 110}, {"q4_k", 256, 144}, {"q5_k", 256, 176}, {"q6_k", 256, 210},
    {"iq4_nl", 32, 18},
}};

}  // namespace

const DTypeInfo& info(DType type) {
  return kInfos[static_cast<std::size_t>(type)];
}

std::optional<DType> parse_dtype(std::string_view text) {
  const std::string lower = lower_case(text);
  for (std::size_t i = 0; i < kInfos.size(); ++i) {
    if (kInfos[i].name == lower) return static_cast<DType>(i);
  }
  return std::nullopt;
}

}  // namespace r1
