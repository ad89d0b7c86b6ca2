#include "learn/architecture.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "formats/config.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kLargest = 0x7fffffff;

/// Where a section leaves them out.
constexpr auto kDeepseekSizes = std::to_array<std::pair<const char*, std::int64_t>>(
    {{"n_shared_experts", 1}, {"first_k_dense_replace", 1}, {"n_group", 1}, {"topk_group", 1}});

}  // namespace

Json read_architecture(const Section& section) {
  const std::string type =
      section.choice("model_type", "deepseek_v3", {"deepseek_v3", "deepseek_v2", "llama", "qwen2"});
  const bool deepseek = type.starts_with("deepseek");
  Json config = {{"architectures",
                  {type == "deepseek_v3"   ? "DeepseekV3ForCausalLM"
                   : type == "deepseek_v2" ? "DeepseekV2ForCausalLM"
                   : type == "llama"       ? "LlamaForCausalLM"
                                           : "Qwen2ForCausalLM"}},
                 {"model_type", type}};
  for (const char* key : config_sizes()) {
    if (section.has(key)) config[key] = section.integer(key, 0, kLargest);
  }
  // As in the files of DeepSeek-V2-Lite: queries that pass no latent.
  if (config.value("q_lora_rank", 1) == 0) config["q_lora_rank"] = nullptr;
  for (const auto& [key, size] : kDeepseekSizes) {
    if (deepseek && !config.contains(key)) config[key] = size;
  }
  if (deepseek && config.contains("num_attention_heads")) {
    config["num_key_value_heads"] = config["num_attention_heads"];
  }
  for (const char* key : config_numbers()) {
    if (section.has(key)) config[key] = section.number(key, 1e-12, 1e12);
  }
  config["tie_word_embeddings"] = section.flag("tie_word_embeddings", false);
  config["hidden_act"] = "silu";
  normalise_config(config, "[model.config]");
  return config;
}

double initial_deviation(const Json& config) {
  const auto width = config.value("hidden_size", std::int64_t{0});
  return width > 0 ? 0.5 / std::sqrt(static_cast<double>(width)) : 0.02;
}

}  // namespace r1
