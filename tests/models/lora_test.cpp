#include "models/lora.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <numeric>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "error_of.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/elementwise.h"
#include "models/model.h"
#include "models/owned_cache.h"
#include "models/small_models.h"
#include "models/tiny_model.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";

constexpr const char* kConfig = R"({"peft_type":"LORA","r":4,"lora_alpha":8,"bias":"none"})";

/// An adapter of one layer, A [4, in] and B [out, 4] both of ones.
void write_adapter(const fs::path& folder, const std::string& layer, std::int64_t out,
                   std::int64_t in, const std::string& config = kConfig) {
  write_file(folder / "adapter_config.json", config);
  SafetensorsWriter writer(folder / "adapter_model.safetensors");
  writer.declare("base_model.model." + layer + ".lora_A.weight", DType::f32, {4, in});
  writer.declare("base_model.model." + layer + ".lora_B.weight", DType::f32, {out, 4});
  const std::vector<float> ones(static_cast<std::size_t>(4 * (in + out)), 1.0f);
  writer.write(std::as_bytes(std::span(ones)));
  writer.finish();
}

LoadOptions with_adapter(const fs::path& folder) {
  return {.precision = Precision::f32,
          .cache_type = DType::f32,
          .adapter = std::make_shared<const LoraAdapter>(LoraAdapter::open(folder))};
}

Tensor logits_of(const Model& model, const std::vector<int>& ids) {
  OwnedCache cache(model.cache_shape(), static_cast<std::int64_t>(ids.size()));
  Pass pass;
  pass.add(ids, 0, cache);
  return model.logits(model.hidden(pass));
}

TEST(Lora, the_loss_is_that_of_peft_from_a_folder_and_from_gguf) {
  if (!fs::exists(kGoldens / "models" / "llama")) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const auto golden = read_json(kGoldens / "models" / "llama" / "lora.json");
  const TemporaryFolder folder;
  write_file(folder / "adapter_config.json", kConfig);
  fs::copy_file(kGoldens / "models" / "llama" / "lora_init.safetensors",
                folder / "adapter_model.safetensors");
  for (const fs::path& path : {kGoldens / "models" / "llama", kGoldens / "gguf" / "llama.gguf"}) {
    SCOPED_TRACE(path);
    const auto model = Model::load(Checkpoint::open(path), with_adapter(folder.path()));
    double sum = 0;
    int count = 0;
    for (const auto& list : golden.at("ids")) {
      const auto ids = list.get<std::vector<int>>();
      const Tensor logits = logits_of(*model, ids);
      for (std::size_t t = 1; t < ids.size(); ++t, ++count) {
        const float* row = logits.data() + static_cast<std::int64_t>(t - 1) * logits.width();
        sum += log_sum_exp(row, logits.width()) - static_cast<double>(row[ids[t]]);
      }
    }
    EXPECT_NEAR(sum / count, golden.at("loss").get<double>(), 1e-5);
  }
}

TEST(Lora, an_adapter_changes_the_layer_it_names) {
  const TemporaryFolder folder;
  write_tiny_llama(folder / "model", 50);
  const auto plain = Model::load(Checkpoint::open(folder / "model"),
                                 {.precision = Precision::f32, .cache_type = DType::f32});
  write_adapter(folder.path(), "lm_head", 50, 64);
  const auto changed = Model::load(Checkpoint::open(folder / "model"), with_adapter(folder.path()));
  Tensor hidden = Tensor::empty({1, 64});
  std::iota(hidden.data(), hidden.data() + 64, 0.0f);
  const Tensor before = plain->logits(hidden), after = changed->logits(hidden);
  // factor B A x: 8 / 4 times, for each of four ranks, the sum of x.
  for (std::int64_t i = 0; i < 50; ++i) {
    EXPECT_NEAR(after.data()[i] - before.data()[i], 2.0f * 4.0f * 2016.0f, 0.01f);
  }
}

TEST(Lora, rank_stabilised_adapters_divide_by_the_root) {
  const TemporaryFolder folder;
  write_adapter(folder.path(), "lm_head", 50, 64, R"({"r":4,"lora_alpha":8,"use_rslora":true})");
  EXPECT_EQ(LoraAdapter::open(folder.path()).find("lm_head", 50, 64)->factor, 4.0f);
}

TEST(Lora, what_does_not_fit_the_model_is_refused) {
  const TemporaryFolder folder;
  write_tiny_llama(folder / "model", 50);
  const auto error = [&](const std::string& layer, std::int64_t out, std::int64_t in) {
    write_adapter(folder.path(), layer, out, in);
    return error_of(
        [&] { Model::load(Checkpoint::open(folder / "model"), with_adapter(folder.path())); });
  };
  EXPECT_NE(error("model.layers.2.self_attn.q_proj", 64, 64).find("lacks"), std::string::npos);
  EXPECT_NE(error("model.layers.1.self_attn.k_proj", 64, 64).find("[64, 64]"), std::string::npos);
  EXPECT_EQ(error("model.layers.1.self_attn.k_proj", 32, 64), "");
}

TEST(Lora, all_layers_of_a_mixture_take_adapters_but_its_experts_as_one_tensor) {
  const TemporaryFolder folder;
  write_small_gguf(folder / "model.gguf", small_config("deepseek_v3"), DType::f32);
  const auto error = [&](const std::string& layer, std::int64_t out = 256, std::int64_t in = 256) {
    write_adapter(folder.path(), layer, out, in);
    return error_of(
        [&] { Model::load(Checkpoint::open(folder / "model.gguf"), with_adapter(folder.path())); });
  };
  for (const char* layer : {"experts", "experts.base_layer"}) {
    EXPECT_NE(error(std::string("model.layers.0.mlp.") + layer).find("all routed experts as one"),
              std::string::npos);
  }
  EXPECT_EQ(error("model.layers.0.mlp.experts.3.down_proj"), "");
  EXPECT_NE(error("model.layers.0.mlp.experts.4.down_proj").find("lacks"), std::string::npos);
  EXPECT_EQ(error("model.layers.0.self_attn.kv_b_proj", 4 * (32 + 64)), "");
  EXPECT_NE(error("model.layers.0.self_attn.kv_b_proj").find("[256, 256]"), std::string::npos);
  EXPECT_EQ(error("model.layers.0.mlp.shared_experts.down_proj"), "");
  EXPECT_EQ(error("model.layers.0.self_attn.o_proj"), "");
}

TEST(Lora, an_adapter_of_the_embedding_is_refused_with_the_reason) {
  const TemporaryFolder folder;
  write_file(folder / "adapter_config.json", kConfig);
  SafetensorsWriter writer(folder / "adapter_model.safetensors");
  writer.declare("base_model.model.model.embed_tokens.lora_embedding_A", DType::f32, {4, 48});
  writer.declare("base_model.model.model.embed_tokens.lora_embedding_B", DType::f32, {256, 4});
  writer.write(std::vector<std::byte>(4UL * (4 * 48 + 256 * 4)));
  writer.finish();
  EXPECT_NE(error_of([&] { LoraAdapter::open(folder.path()); }).find("changes an embedding"),
            std::string::npos);
}

TEST(Lora, adapters_of_other_kinds_are_refused) {
  const TemporaryFolder folder;
  for (const char* config :
       {R"({"peft_type":"IA3","r":4,"lora_alpha":8})", R"({"r":4,"lora_alpha":8,"use_dora":true})",
        R"({"r":4,"lora_alpha":8,"bias":"all"})", R"({"r":4,"lora_alpha":"8"})",
        R"({"r":0,"lora_alpha":8})", R"({"r":2,"lora_alpha":8})", R"({"lora_alpha":8})", "[1]", "{",
        R"({"r":4,"lora_alpha":8,"modules_to_save":["lm_head"]})",
        R"({"r":4,"lora_alpha":8,"rank_pattern":{"q_proj":8}})"}) {
    write_adapter(folder.path(), "lm_head", 50, 64, config);
    EXPECT_THROW(LoraAdapter::open(folder.path()), Error) << config;
  }
  write_file(folder / "adapter_config.json", kConfig);
  SafetensorsWriter half(folder / "adapter_model.safetensors");
  half.declare("base_model.model.lm_head.lora_A.weight", DType::f32, {4, 1});
  const std::vector<float> numbers(4);
  half.write(std::as_bytes(std::span(numbers)));
  half.finish();
  EXPECT_THROW(LoraAdapter::open(folder.path()), Error);
}

}  // namespace
}  // namespace r1
