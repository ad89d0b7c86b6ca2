#include "formats/tensor_names.h"

#include <array>
#include <charconv>
#include <utility>

namespace r1 {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;  // GGUF's name, Hugging Face's

constexpr std::array<Pair, 4> kOutsideLayers = {{
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
    {"rope_freqs.weight", "rope_freqs.weight"},
}};

/// Within a layer, without ".weight" or ".bias".
constexpr std::array<Pair, 30> kInLayers = {{
    {"attn_norm", "input_layernorm"},
    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},
    {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"},
    {"attn_q_a", "self_attn.q_a_proj"},
    {"attn_q_a_norm", "self_attn.q_a_layernorm"},
    {"attn_q_b", "self_attn.q_b_proj"},
    {"attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"},
    {"attn_kv_a_norm", "self_attn.kv_a_layernorm"},
    {"attn_kv_b", "self_attn.kv_b_proj"},
    {"attn_k_b", "self_attn.k_b_proj"},
    {"attn_v_b", "self_attn.v_b_proj"},
    {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},
    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
    {"ffn_gate_inp", "mlp.gate"},
    {"ffn_gate_exps", "mlp.experts.*.gate_proj"},
    {"ffn_up_exps", "mlp.experts.*.up_proj"},
    {"ffn_down_exps", "mlp.experts.*.down_proj"},
    {"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
    {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
    {"ffn_down_shexp", "mlp.shared_experts.down_proj"},
    {"nextn.eh_proj", "eh_proj"},
    {"nextn.enorm", "enorm"},
    {"nextn.hnorm", "hnorm"},
    {"nextn.embed_tokens", "embed_tokens"},
    {"nextn.shared_head_head", "shared_head.head"},
    {"nextn.shared_head_norm", "shared_head.norm"},
}};

/// The router's bias for selecting experts is the one name whose ending differs.
constexpr Pair kSelectionBias = {"exp_probs_b.bias", "mlp.gate.e_score_correction_bias"};
constexpr std::string_view kGgufLayers = "blk.", kLayers = "model.layers.";
constexpr std::string_view kExperts = "mlp.experts.";

struct InLayer {
  std::string_view number, rest;
};

/// "blk.12.attn_q.weight" with prefix "blk." is layer "12" and "attn_q.weight".
std::optional<InLayer> split_layer(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const std::size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits > 6 || digits == std::string_view::npos || name[digits] != '.') {
    return std::nullopt;
  }
  return InLayer{name.substr(0, digits), name.substr(digits + 1)};
}

std::optional<int> to_int(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// The same name with '*' for the expert's number, and that number.
std::pair<std::string, std::optional<int>> without_expert(std::string_view rest) {
  if (const auto expert = split_layer(rest, kExperts)) {
    return {std::string(kExperts) + "*." + std::string(expert->rest), to_int(expert->number)};
  }
  return {std::string(rest), std::nullopt};
}

template <std::string_view Pair::*kFrom, std::string_view Pair::*kTo>
std::optional<std::string> translate(std::string_view name, std::string_view from_layers,
                                     std::string_view to_layers) {
  for (const Pair& pair : kOutsideLayers) {
    if (pair.*kFrom == name) return std::string(pair.*kTo);
  }
  const auto layer = split_layer(name, from_layers);
  if (!layer) return std::nullopt;
  const std::string prefix = std::string(to_layers) + std::string(layer->number) + ".";
  if (layer->rest == kSelectionBias.*kFrom) return prefix + std::string(kSelectionBias.*kTo);
  const std::size_t dot = layer->rest.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view stem = layer->rest.substr(0, dot), ending = layer->rest.substr(dot);
  if (ending != ".weight" && ending != ".bias") return std::nullopt;
  for (const Pair& pair : kInLayers) {
    if (!stem.empty() && pair.*kFrom == stem) {
      return prefix + std::string(pair.*kTo) + std::string(ending);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> hugging_face_name(std::string_view gguf) {
  return translate<&Pair::first, &Pair::second>(gguf, kGgufLayers, kLayers);
}

std::optional<std::string> gguf_name(std::string_view hugging_face) {
  std::string name(hugging_face);
  if (const auto layer = split_layer(hugging_face, kLayers)) {
    name =
        std::string(kLayers) + std::string(layer->number) + "." + without_expert(layer->rest).first;
  }
  return translate<&Pair::second, &Pair::first>(name, kLayers, kGgufLayers);
}

std::optional<int> expert_number(std::string_view hugging_face) {
  const auto layer = split_layer(hugging_face, kLayers);
  return layer ? without_expert(layer->rest).second : std::nullopt;
}

std::optional<int> layer_number(std::string_view hugging_face) {
  const auto layer = split_layer(hugging_face, kLayers);
  return layer ? to_int(layer->number) : std::nullopt;
}

}  // namespace r1
