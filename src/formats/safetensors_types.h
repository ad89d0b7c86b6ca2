// The types that safetensors names, with their size.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace r1 {

struct SafetensorsType {
  std::string_view name;
  std::int64_t bits;
};

inline constexpr std::array<SafetensorsType, 22> kSafetensorsTypes = {{
    {"BOOL", 8},        {"U8", 8},          {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8},     {"I16", 16},        {"U16", 16}, {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},        {"F32", 32}, {"F64", 64},    {"I64", 64},
    {"U64", 64},        {"C64", 64},        {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6},
    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8},
}};

inline const SafetensorsType* safetensors_type(std::string_view name) {
  for (const SafetensorsType& type : kSafetensorsTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace r1
