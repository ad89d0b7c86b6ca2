// What a config.json says of a model, checked.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "ops/experts.h"
#include "ops/rope.h"

namespace r1 {

enum class Architecture : std::uint8_t { llama, qwen2, deepseek_v2, deepseek_v3 };

struct ModelConfig {
  Architecture architecture = Architecture::llama;
  std::int64_t vocab = 0, width = 0, layers = 0, heads = 0, context_length = 0;
  std::int64_t feed_forward = 0;
  float norm_eps = 1e-6f;
  bool tied_embeddings = false;
  RopeFrequencies rope;

  // llama, qwen2
  std::int64_t kv_heads = 0, head_dims = 0;
  bool attention_bias = false;

  // deepseek: multi-head latent attention
  std::int64_t q_lora = 0;  // 0: queries straight from x
  std::int64_t kv_lora = 0, nope_dims = 0, rope_dims = 0, value_dims = 0;
  float attention_scale = 0.0f;  // of the softmax, for every architecture
  // deepseek: experts
  std::int64_t dense_layers = 0, experts = 0, shared_experts = 0, expert_feed_forward = 0;
  Routing routing;
  std::int64_t prediction_layers = 0;  // multi-token prediction

  /// From config.json in the form of normalise_config(). Throws Error naming `where` and the key
  /// for what is missing, of the wrong kind or impossible.
  static ModelConfig read(const nlohmann::ordered_json& config, const std::string& where);
};

}  // namespace r1
