#include "formats/convert/quantization_mix.h"
#include "base/characters.h"

#include <array>
#include <charconv>

namespace r1 {
namespace {

constexpr std::array<TargetFormat, 13> kFormats = {{
    {"f32", DType::f32, false, 0},
    {"bf16", DType::bf16, false, 32},
    {"f16", DType::f16, false, 1},
    {"q8_0", DType::q8_0, false, 7},
    {"q4_0", DType::q4_0, false, 2},
    {"q4_1", DType::q4_1, false, 3},
    {"q5_0", DType::q5_0, false, 8},
    {"q5_1", DType::q5_1, false, 9},
    {"q4_k", DType::q4_k, false, 14},
    {"q5_k", DType::q5_k, false, 16},
    {"q6_k", DType::q6_k, false, 18},
    {"q4_k_m", DType::q4_k, true, 15},
    {"q5_k_m", DType::q5_k, true, 17},
}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The number in "blk.12.", or 0.
int layer_of(std::string_view name) {
  int layer = 0;
  if (name.starts_with("blk.")) std::from_chars(name.data() + 4, name.data() + name.size(), layer);
  return layer;
}

/// llama.cpp's spread of more bits: the first and last eighth of the layers and every third
/// between.
bool gets_more_bits(int layer, int layers) {
  return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

DType mixed_type(const TargetFormat& target, const MixContext& context, std::string_view name) {
  if (name == "output.weight" || (context.tied && name == "token_embd.weight")) return DType::q6_k;
  const bool more = gets_more_bits(layer_of(name), context.layers);
  const bool eight_experts = context.experts == 8;
  if (contains(name, "attn_v.weight") || contains(name, "attn_kv_b.weight")) {
    if (eight_experts) return DType::q8_0;
    if (more) return DType::q6_k;
    // These matrices are small where eight heads share them.
    return context.shared_heads_of_70b ? DType::q5_k : target.type;
  }
  if (contains(name, "attn_k.weight")) return eight_experts ? DType::q8_0 : target.type;
  if (contains(name, "attn_output.weight")) return eight_experts ? DType::q5_k : target.type;
  if (contains(name, "ffn_down") && more) return DType::q6_k;
  return target.type;
}

/// The type of 32-element blocks nearest to a K-quant.
DType without_super_blocks(DType type) {
  switch (type) {
    case DType::q4_k:
      return DType::q5_0;
    case DType::q5_k:
      return DType::q5_1;
    case DType::q6_k:
      return DType::q8_0;
    default:
      return type;
  }
}

}  // namespace

std::optional<TargetFormat> parse_target_format(std::string_view name) {
  const std::string lower = lower_case(name);
  for (const TargetFormat& format : kFormats) {
    if (format.name == lower) return format;
  }
  return std::nullopt;
}

std::string target_format_names() {
  std::string names;
  for (const TargetFormat& format : kFormats) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

bool is_matrix_to_quantize(std::string_view name, std::size_t dimensions) {
  if (dimensions < 2 || !name.ends_with("weight")) return false;
  for (const char* kept : {"_norm.weight", "ffn_gate_inp.weight", "ssm_conv1d", "time_mix_",
                           "attn_rel_b.weight", "position_embd", "token_types", "altup", "laurel",
                           "per_layer_model_proj", "shortconv.conv.weight", "patch_embd"}) {
    if (contains(name, kept)) return false;
  }
  return true;
}

ChosenType choose_type(const TargetFormat& target, const MixContext& context,
                       std::string_view gguf_name, std::int64_t columns) {
  const DType wanted = target.mix ? mixed_type(target, context, gguf_name) : target.type;
  const auto divides = [&](DType type) { return columns % info(type).block == 0; };
  if (divides(wanted)) return {wanted, std::nullopt};
  const DType smaller = without_super_blocks(wanted);
  return {divides(smaller) ? smaller : DType::f16, wanted};
}

}  // namespace r1
