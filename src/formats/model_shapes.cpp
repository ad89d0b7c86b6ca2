#include "formats/model_shapes.h"

#include <array>
#include <cstdint>

#include "base/error.h"
#include "formats/config.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

/// Dense models with grouped-query attention; heads of 128 but for smollm2.
struct Dense {
  std::string_view name, type;
  std::int64_t layers, width, heads, kv_heads, ffn, vocabulary, context;
  double theta;
  bool tied;
};
constexpr std::array<Dense, 7> kDense = {{
    {"qwen2-1.5b", "qwen2", 28, 1536, 12, 2, 8960, 151936, 131072, 10000.0, false},
    {"qwen2-7b", "qwen2", 28, 3584, 28, 4, 18944, 152064, 131072, 10000.0, false},
    {"qwen2-14b", "qwen2", 48, 5120, 40, 8, 13824, 152064, 131072, 1e6, false},
    {"qwen2-32b", "qwen2", 64, 5120, 40, 8, 27648, 152064, 131072, 1e6, false},
    {"llama-8b", "llama", 32, 4096, 32, 8, 14336, 128256, 131072, 500000.0, false},
    {"llama-70b", "llama", 80, 8192, 64, 8, 28672, 128256, 131072, 500000.0, false},
    {"smollm2-135m", "llama", 30, 576, 9, 3, 1536, 49152, 8192, 100000.0, true},
}};

Json dense(const Dense& shape) {
  const bool llama = shape.type == "llama";
  Json config = {
      {"architectures", {llama ? "LlamaForCausalLM" : "Qwen2ForCausalLM"}},
      {"model_type", shape.type},
      {"vocab_size", shape.vocabulary},
      {"hidden_size", shape.width},
      {"intermediate_size", shape.ffn},
      {"num_hidden_layers", shape.layers},
      {"num_attention_heads", shape.heads},
      {"num_key_value_heads", shape.kv_heads},
      {"max_position_embeddings", shape.context},
      {"rms_norm_eps", llama ? 1e-5 : 1e-6},
      {"rope_theta", shape.theta},
      {"rope_scaling", nullptr},
      {"hidden_act", "silu"},
      {"tie_word_embeddings", shape.tied},
  };
  if (llama && !shape.tied) {
    config["rope_scaling"] = {{"rope_type", "llama3"},
                              {"factor", 8.0},
                              {"low_freq_factor", 1.0},
                              {"high_freq_factor", 4.0},
                              {"original_max_position_embeddings", 8192}};
  }
  return config;
}

/// DeepSeek-V2-Lite: softmax router in one group, YaRN.
Json v2_lite() {
  return {
      {"architectures", {"DeepseekV2ForCausalLM"}},
      {"model_type", "deepseek_v2"},
      {"vocab_size", 102400},
      {"hidden_size", 2048},
      {"intermediate_size", 10944},
      {"moe_intermediate_size", 1408},
      {"num_hidden_layers", 27},
      {"num_attention_heads", 16},
      {"num_key_value_heads", 16},
      {"q_lora_rank", nullptr},
      {"kv_lora_rank", 512},
      {"qk_nope_head_dim", 128},
      {"qk_rope_head_dim", 64},
      {"v_head_dim", 128},
      {"n_routed_experts", 64},
      {"n_shared_experts", 2},
      {"num_experts_per_tok", 6},
      {"first_k_dense_replace", 1},
      {"n_group", 1},
      {"topk_group", 1},
      {"scoring_func", "softmax"},
      {"topk_method", "greedy"},
      {"norm_topk_prob", false},
      {"routed_scaling_factor", 1.0},
      {"max_position_embeddings", 163840},
      {"rms_norm_eps", 1e-6},
      {"rope_theta", 10000.0},
      {"rope_scaling",
       {{"type", "yarn"},
        {"factor", 40.0},
        {"original_max_position_embeddings", 4096},
        {"beta_fast", 32},
        {"beta_slow", 1},
        {"mscale", 0.707},
        {"mscale_all_dim", 0.707}}},
      {"hidden_act", "silu"},
      {"tie_word_embeddings", false},
  };
}

/// A mixture of experts of DeepSeek-V3's architecture.
struct Mixture {
  std::string_view name;
  std::int64_t layers, width, heads, q_lora, kv_lora, nope, rope, value;
  std::int64_t ffn, expert_ffn, experts, chosen, vocabulary;
  bool tied;
};
constexpr std::array<Mixture, 2> kMixtures = {{
    // for measuring the speed of answers
    {"moe-small", 8, 1024, 16, 384, 512, 64, 64, 64, 2816, 512, 32, 4, 102400, false},
    // 19.9M parameters, for measuring the speed of training
    {"moe-20m", 8, 256, 8, 96, 64, 32, 16, 32, 768, 192, 16, 2, 1024, true},
}};

Json mixture(const Mixture& shape) {
  return {
      {"architectures", {"DeepseekV3ForCausalLM"}},
      {"model_type", "deepseek_v3"},
      {"vocab_size", shape.vocabulary},
      {"hidden_size", shape.width},
      {"intermediate_size", shape.ffn},
      {"moe_intermediate_size", shape.expert_ffn},
      {"num_hidden_layers", shape.layers},
      {"num_attention_heads", shape.heads},
      {"num_key_value_heads", shape.heads},
      {"q_lora_rank", shape.q_lora},
      {"kv_lora_rank", shape.kv_lora},
      {"qk_nope_head_dim", shape.nope},
      {"qk_rope_head_dim", shape.rope},
      {"v_head_dim", shape.value},
      {"n_routed_experts", shape.experts},
      {"n_shared_experts", 1},
      {"num_experts_per_tok", shape.chosen},
      {"first_k_dense_replace", 1},
      {"n_group", 1},
      {"topk_group", 1},
      {"scoring_func", "sigmoid"},
      {"topk_method", "noaux_tc"},
      {"norm_topk_prob", true},
      {"routed_scaling_factor", 2.5},
      {"max_position_embeddings", 4096},
      {"rms_norm_eps", 1e-6},
      {"rope_theta", 10000.0},
      {"rope_scaling", nullptr},
      {"hidden_act", "silu"},
      {"tie_word_embeddings", shape.tied},
  };
}

}  // namespace

Json model_shape(std::string_view name) {
  Json config;
  for (const Dense& shape : kDense) {
    if (shape.name == name) config = dense(shape);
  }
  if (name == "v2-lite") config = v2_lite();
  for (const Mixture& shape : kMixtures) {
    if (shape.name == name) config = mixture(shape);
  }
  if (config.is_null()) {
    throw Error("shape", "'" + std::string(name) + "' is not known",
                "known are " + model_shape_names());
  }
  normalise_config(config, std::string(name));
  return config;
}

std::string model_shape_names() {
  std::string names;
  for (const Dense& shape : kDense) names += std::string(shape.name) + ", ";
  for (const Mixture& shape : kMixtures) names += std::string(shape.name) + ", ";
  return names + "v2-lite";
}

}  // namespace r1
