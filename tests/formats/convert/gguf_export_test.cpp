// The metadata that llama.cpp reads, key by key and type by type: a wrong type stops its loader, a
// wrong value makes another model.
#include "formats/convert/gguf_export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>

#include "formats/config.h"
#include "formats/model_shapes.h"

namespace r1 {
namespace {

using Expected = std::map<std::string, GgufValue>;

/// The keys under the architecture's prefix, all of them.
void expect_keys(const nlohmann::ordered_json& config, const std::string& architecture,
                 const Expected& expected) {
  GgufMetadata metadata;
  add_gguf_config(config, nlohmann::ordered_json::object(), "a name", metadata);
  ASSERT_NE(metadata.text("general.architecture"), nullptr);
  EXPECT_EQ(*metadata.text("general.architecture"), architecture);
  EXPECT_EQ(*metadata.text("general.name"), "a name");
  for (const auto& [key, value] : expected) {
    const GgufValue* found = metadata.find(architecture + "." + key);
    ASSERT_NE(found, nullptr) << key;
    ASSERT_EQ(found->index(), value.index()) << key << " is of another type";
    if (const auto* number = std::get_if<std::uint32_t>(&value)) {
      EXPECT_EQ(std::get<std::uint32_t>(*found), *number) << key;
    } else if (const auto* real = std::get_if<float>(&value)) {
      EXPECT_FLOAT_EQ(std::get<float>(*found), *real) << key;
    } else if (const auto* flag = std::get_if<GgufBool>(&value)) {
      EXPECT_EQ(std::get<GgufBool>(*found), *flag) << key;
    } else {
      EXPECT_EQ(std::get<std::string>(*found), std::get<std::string>(value)) << key;
    }
  }
  for (const auto& [key, value] : metadata.entries()) {
    if (!key.starts_with(architecture + ".")) continue;
    EXPECT_TRUE(expected.contains(key.substr(architecture.size() + 1)))
        << key << " is not expected";
  }
}

GgufValue size(std::uint32_t value) {
  return value;
}

/// What the released configurations of DeepSeek-V3 and R1 say.
nlohmann::ordered_json deepseek_v3() {
  nlohmann::ordered_json config = model_shape("moe-small");
  config.update({{"vocab_size", 129280},
                 {"hidden_size", 7168},
                 {"intermediate_size", 18432},
                 {"moe_intermediate_size", 2048},
                 {"num_hidden_layers", 61},
                 {"num_nextn_predict_layers", 1},
                 {"num_attention_heads", 128},
                 {"num_key_value_heads", 128},
                 {"q_lora_rank", 1536},
                 {"qk_nope_head_dim", 128},
                 {"v_head_dim", 128},
                 {"n_routed_experts", 256},
                 {"num_experts_per_tok", 8},
                 {"first_k_dense_replace", 3},
                 {"n_group", 8},
                 {"topk_group", 4},
                 {"max_position_embeddings", 163840}});
  config["rope_scaling"] = {
      {"type", "yarn"},       {"factor", 40},   {"original_max_position_embeddings", 4096},
      {"beta_fast", 32},      {"beta_slow", 1}, {"mscale", 1.0},
      {"mscale_all_dim", 1.0}};
  normalise_config(config, "DeepSeek-V3");
  return config;
}

TEST(GgufExport, deepseek_v3_is_described_as_llama_cpp_reads_it) {
  expect_keys(
      deepseek_v3(), "deepseek2",
      {{"block_count", size(62)},  // the prediction layer is one of them
       {"nextn_predict_layers", size(1)},
       {"context_length", size(163840)},
       {"embedding_length", size(7168)},
       {"feed_forward_length", size(18432)},
       {"vocab_size", size(129280)},
       {"attention.head_count", size(128)},
       {"attention.head_count_kv", size(1)},  // absorbed: one head of latent and rotated key
       {"attention.key_length", size(576)},
       {"attention.value_length", size(512)},
       {"attention.key_length_mla", size(192)},
       {"attention.value_length_mla", size(128)},
       {"attention.q_lora_rank", size(1536)},
       {"attention.kv_lora_rank", size(512)},
       {"attention.layer_norm_rms_epsilon", 1e-6f},
       {"rope.dimension_count", size(64)},
       {"rope.freq_base", 10000.0f},
       {"rope.scaling.type", std::string("yarn")},
       {"rope.scaling.factor", 40.0f},
       {"rope.scaling.original_context_length", size(4096)},
       {"rope.scaling.yarn_beta_fast", 32.0f},
       {"rope.scaling.yarn_beta_slow", 1.0f},
       {"rope.scaling.yarn_log_multiplier", 0.1f},
       {"leading_dense_block_count", size(3)},
       {"expert_count", size(256)},
       {"expert_used_count", size(8)},
       {"expert_shared_count", size(1)},
       {"expert_feed_forward_length", size(2048)},
       {"expert_group_count", size(8)},
       {"expert_group_used_count", size(4)},
       {"expert_gating_func", size(2)},  // sigmoid
       {"expert_weights_scale", 2.5f},
       {"expert_weights_norm", GgufBool::yes}});
}

TEST(GgufExport, deepseek_v2_lite_is_described_as_llama_cpp_reads_it) {
  expect_keys(model_shape("v2-lite"), "deepseek2",
              {{"block_count", size(27)},
               {"context_length", size(163840)},
               {"embedding_length", size(2048)},
               {"feed_forward_length", size(10944)},
               {"vocab_size", size(102400)},
               {"attention.head_count", size(16)},
               {"attention.head_count_kv", size(1)},
               {"attention.key_length", size(576)},
               {"attention.value_length", size(512)},
               {"attention.key_length_mla", size(192)},
               {"attention.value_length_mla", size(128)},
               {"attention.q_lora_rank", size(0)},  // none; the loader insists on the key
               {"attention.kv_lora_rank", size(512)},
               {"attention.layer_norm_rms_epsilon", 1e-6f},
               {"rope.dimension_count", size(64)},
               {"rope.freq_base", 10000.0f},
               {"rope.scaling.type", std::string("yarn")},
               {"rope.scaling.factor", 40.0f},
               {"rope.scaling.original_context_length", size(4096)},
               {"rope.scaling.yarn_beta_fast", 32.0f},
               {"rope.scaling.yarn_beta_slow", 1.0f},
               {"rope.scaling.yarn_log_multiplier", 0.0707f},
               {"leading_dense_block_count", size(1)},
               {"expert_count", size(64)},
               {"expert_used_count", size(6)},
               {"expert_shared_count", size(2)},
               {"expert_feed_forward_length", size(1408)},
               {"expert_group_count", size(1)},
               {"expert_group_used_count", size(1)},
               {"expert_gating_func", size(1)},  // softmax
               {"expert_weights_scale", 1.0f},
               {"expert_weights_norm", GgufBool::no}});
}

TEST(GgufExport, qwen2_and_llama_are_described_as_llama_cpp_reads_them) {
  const auto dense = [](std::uint32_t layers, std::uint32_t width, std::uint32_t inner,
                        std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t vocabulary,
                        float epsilon, float theta) {
    return Expected{{"block_count", size(layers)},
                    {"context_length", size(131072)},
                    {"embedding_length", size(width)},
                    {"feed_forward_length", size(inner)},
                    {"vocab_size", size(vocabulary)},
                    {"attention.head_count", size(heads)},
                    {"attention.head_count_kv", size(kv_heads)},
                    {"attention.key_length", size(width / heads)},
                    {"attention.value_length", size(width / heads)},
                    {"attention.layer_norm_rms_epsilon", epsilon},
                    {"rope.dimension_count", size(width / heads)},
                    {"rope.freq_base", theta}};
  };
  expect_keys(model_shape("qwen2-1.5b"), "qwen2",
              dense(28, 1536, 8960, 12, 2, 151936, 1e-6f, 10000.0f));
  // llama3's scaling is no key but the tensor rope_freqs.weight.
  expect_keys(model_shape("llama-8b"), "llama",
              dense(32, 4096, 14336, 32, 8, 128256, 1e-5f, 500000.0f));
}

}  // namespace
}  // namespace r1
