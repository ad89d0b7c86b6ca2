// config.json in one form, whichever program wrote it.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace r1 {

/// Keys of a config.json whose values are sizes, and those whose values are positive numbers.
std::span<const char* const> config_sizes();
std::span<const char* const> config_numbers();

/// Brings a config.json into the form of the released models, so that one reader does for all:
/// - rope_theta and rope_scaling (null, or {"rope_type", ...}) in place of rope_parameters;
/// - torch_dtype in place of dtype;
/// - llama and qwen2: num_key_value_heads and head_dim are always there;
/// - deepseek_v2 and deepseek_v3: no head_dim (it isn't the size of a head there), and
///   scoring_func, topk_method, norm_topk_prob, n_group, topk_group, moe_layer_freq,
///   routed_scaling_factor, q_lora_rank (null: none) are always there, as is
///   first_k_dense_replace;
/// - rms_norm_eps, tie_word_embeddings, max_position_embeddings are always there.
/// Afterwards sizes that are there are natural numbers below 2^31, flags true or false, names text
/// (or null). Throws Error naming `where` otherwise; that sizes fit each other isn't checked.
void normalise_config(nlohmann::ordered_json& config, const std::string& where);

}  // namespace r1
