// Which type each tensor of a file gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace r1 {

/// What a user names: a type for all matrices, or one of llama.cpp's mixes of types.
struct TargetFormat {
  std::string_view name;    // "q4_k_m"
  DType type;               // of most matrices
  bool mix;                 // sensitive matrices get more bits
  std::uint32_t file_type;  // GGUF's general.file_type
};
/// Nothing for an unknown name; any case.
std::optional<TargetFormat> parse_target_format(std::string_view name);
/// "f32, f16, ...": for messages and help.
std::string target_format_names();

/// What the choice depends on besides the tensor.
struct MixContext {
  int layers = 0;
  int experts = 0;
  bool tied = false;                 // token_embd is the output, too
  bool shared_heads_of_70b = false;  // 80 layers with grouped-query attention (70B)
};

/// False for what every file keeps in float32: vectors, norms, the router and its bias.
bool is_matrix_to_quantize(std::string_view gguf_name, std::size_t dimensions);

struct ChosenType {
  DType type;
  /// Set if the row length forbade this one.
  std::optional<DType> instead_of;
};
/// The type for a tensor of that GGUF name; rows of `columns` elements. A mix follows llama.cpp's
/// choice; rows that a type's blocks don't divide fall back as there: Q4_K to Q5_0, Q5_K to Q5_1,
/// Q6_K to Q8_0, those to F16.
ChosenType choose_type(const TargetFormat& target, const MixContext& context,
                       std::string_view gguf_name, std::int64_t columns);

}  // namespace r1
