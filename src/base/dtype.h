// The number formats that weights are stored in: plain floats, DeepSeek's fp8 and GGUF's blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace r1 {

enum class DType : std::uint8_t {
  f32,
  f16,
  bf16,
  f64,
  f8_e4m3,
  i8,
  i16,
  i32,
  i64,
  u8,
  q8_0,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q2_k,
  q3_k,
  q4_k,
  q5_k,
  q6_k,
  iq4_nl,
};

struct DTypeInfo {
  std::string_view name;     // as on the command line: "q4_k"
  std::int64_t block;        // elements a block
  std::int64_t block_bytes;  // bytes a block
};

const DTypeInfo& info(DType type);
inline std::string_view name(DType type) {
  return info(type).name;
}
/// Bytes of `elements` consecutive elements; elements must be a multiple of the block.
inline std::int64_t bytes_of(DType type, std::int64_t elements) {
  return elements / info(type).block * info(type).block_bytes;
}
/// True for the types whose elements share a scale in blocks (Q8_0 ... IQ4_NL).
inline bool is_quantized(DType type) {
  return info(type).block > 1;
}
/// The type of that name (any case), or nothing.
std::optional<DType> parse_dtype(std::string_view name);

}  // namespace r1
