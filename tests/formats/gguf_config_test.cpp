#include "formats/gguf_config.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/checkpoint.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

/// Metadata of a DeepSeek-V3 as files had it before latent attention was absorbed: the heads' sizes
/// in the plain keys, no groups.
void add_old_deepseek(GgufMetadata& metadata, std::uint32_t experts) {
  metadata.set("general.architecture", std::string("deepseek2"));
  const std::vector<std::pair<std::string, std::uint32_t>> sizes = {
      {"block_count", 2},
      {"context_length", 1024},
      {"embedding_length", 32},
      {"feed_forward_length", 64},
      {"attention.head_count", 2},
      {"attention.head_count_kv", 2},
      {"attention.q_lora_rank", 16},
      {"attention.kv_lora_rank", 32},
      {"attention.key_length", 24},
      {"attention.value_length", 16},
      {"rope.dimension_count", 8},
      {"expert_count", experts},
      {"expert_used_count", 8},
      {"expert_shared_count", 1},
      {"expert_feed_forward_length", 32},
      {"leading_dense_block_count", 1},
      {"expert_gating_func", 2},
      {"vocab_size", 100},
      {"rope.scaling.original_context_length", 64}};
  for (const auto& [key, value] : sizes) metadata.set("deepseek2." + key, value);
  metadata.set("deepseek2.expert_weights_norm", GgufBool::yes);
  metadata.set("deepseek2.expert_weights_scale", 2.5f);
  metadata.set("deepseek2.rope.scaling.type", std::string("yarn"));
  metadata.set("deepseek2.rope.scaling.factor", 40.0f);
  metadata.set("deepseek2.rope.scaling.yarn_log_multiplier", 0.1f * 0.707f);
}

TEST(GgufConfig, files_older_than_absorbed_attention_are_understood) {
  const TemporaryFolder folder;
  GgufWriter writer(folder / "old.gguf");
  add_old_deepseek(writer.metadata(), 256);
  writer.declare("blk.0.attn_kv_b.weight", DType::f32, {2 * (16 + 16), 32});
  writer.write(std::vector<std::byte>(64 * 32 * 4));
  writer.finish();
  const Checkpoint model = Checkpoint::open(folder / "old.gguf");
  const auto& config = model.config();
  EXPECT_EQ(config["model_type"], "deepseek_v3");
  EXPECT_EQ(config["qk_nope_head_dim"], 16);
  EXPECT_EQ(config["qk_rope_head_dim"], 8);
  EXPECT_EQ(config["v_head_dim"], 16);
  EXPECT_EQ(config["n_group"], 8);
  EXPECT_EQ(config["topk_group"], 4);
  EXPECT_EQ(config["topk_method"], "noaux_tc");
  EXPECT_EQ(config["routed_scaling_factor"], 2.5);
  EXPECT_EQ(config["rope_scaling"]["mscale_all_dim"], 0.707);
  EXPECT_NE(model.find("model.layers.0.self_attn.kv_b_proj.weight"), nullptr);
}

TEST(GgufConfig, other_architectures_and_missing_values_are_refused) {
  const auto config_with = [](const auto& change) {
    const TemporaryFolder folder;
    GgufWriter writer(folder / "x.gguf");
    add_old_deepseek(writer.metadata(), 16);
    change(writer.metadata());
    writer.finish();
    return config_of_gguf(Gguf::open(folder / "x.gguf"), "x.gguf");
  };
  EXPECT_EQ(config_with([](GgufMetadata&) {})["n_group"], 1);
  const auto set = [](const char* key, std::uint32_t value) {
    return [=](GgufMetadata& metadata) { metadata.set(key, value); };
  };
  EXPECT_THROW(config_with([](GgufMetadata& metadata) {
                 metadata.set("general.architecture", std::string("gemma3"));
               }),
               Error);
  EXPECT_THROW(
      config_with([](GgufMetadata& metadata) { metadata.erase("deepseek2.embedding_length"); }),
      Error);
  EXPECT_THROW(config_with(set("deepseek2.embedding_length", 0xffffffff)), Error);
  EXPECT_THROW(config_with(set("deepseek2.rope.dimension_count", 24)), Error);
  EXPECT_THROW(config_with(set("deepseek2.nextn_predict_layers", 3)), Error);
  EXPECT_THROW(config_with([](GgufMetadata& metadata) {
                 metadata.set("deepseek2.rope.scaling.type", std::string("longrope"));
               }),
               Error);
}

}  // namespace
}  // namespace r1
