#include "formats/checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "formats/json.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

const std::filesystem::path kGoldens = std::filesystem::path(R1_SHARED) / "goldens";

#define NEEDS_GOLDENS()                          \
  if (!std::filesystem::exists(kGoldens))        \
  GTEST_SKIP() << "needs the folder of goldens " \
                  "(R1_SHARED)"

/// Values that a loader reads; the other keys (dropout, caching ...) may differ.
const std::vector<std::string> kMeaning = {"model_type",
                                           "vocab_size",
                                           "hidden_size",
                                           "intermediate_size",
                                           "num_hidden_layers",
                                           "num_attention_heads",
                                           "num_key_value_heads",
                                           "head_dim",
                                           "max_position_embeddings",
                                           "rms_norm_eps",
                                           "rope_theta",
                                           "rope_scaling",
                                           "tie_word_embeddings",
                                           "torch_dtype",
                                           "q_lora_rank",
                                           "kv_lora_rank",
                                           "qk_nope_head_dim",
                                           "qk_rope_head_dim",
                                           "v_head_dim",
                                           "n_routed_experts",
                                           "n_shared_experts",
                                           "num_experts_per_tok",
                                           "n_group",
                                           "topk_group",
                                           "scoring_func",
                                           "topk_method",
                                           "norm_topk_prob",
                                           "routed_scaling_factor",
                                           "first_k_dense_replace",
                                           "moe_intermediate_size",
                                           "num_nextn_predict_layers"};

nlohmann::json meaning(const nlohmann::ordered_json& config) {
  nlohmann::json kept;
  for (const std::string& key : kMeaning) {
    if (config.contains(key)) kept[key] = config[key];
  }
  return kept;
}

std::vector<std::filesystem::path> model_folders() {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(kGoldens / "models")) {
    folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// The row of Hugging Face's q_proj or k_proj that stands at `row` in GGUF's order: the halves of
/// each head become neighbours.
std::int64_t row_before_permutation(std::int64_t row, std::int64_t head_dim) {
  const std::int64_t in_head = row % head_dim;
  return row - in_head + in_head % 2 * (head_dim / 2) + in_head / 2;
}

TEST(Checkpoint, both_forms_of_config_json_mean_the_same_model) {
  NEEDS_GOLDENS();
  int compared = 0;
  for (const auto& folder : model_folders()) {
    if (!std::filesystem::exists(folder / "config_released.json")) continue;
    const TemporaryFolder copy;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().filename().string().starts_with("model")) {
        std::filesystem::create_symlink(entry.path(), copy / entry.path().filename().string());
      }
    }
    std::filesystem::copy(folder / "config_released.json", copy / "config.json");
    EXPECT_EQ(meaning(Checkpoint::open(folder).config()),
              meaning(Checkpoint::open(copy.path()).config()))
        << folder;
    ++compared;
  }
  EXPECT_GE(compared, 7);
}

TEST(Checkpoint, a_gguf_has_the_tensors_and_the_config_of_the_folder_it_was_made_from) {
  NEEDS_GOLDENS();
  for (const std::string name : {"llama", "llama-tied", "qwen2"}) {
    const Checkpoint folder = Checkpoint::open(kGoldens / "models" / name);
    const Checkpoint gguf = Checkpoint::open(kGoldens / "gguf" / (name + ".gguf"));
    EXPECT_EQ(gguf.interleaved_rope(), name != "qwen2");
    EXPECT_FALSE(folder.interleaved_rope());
    for (const auto& [tensor, view] : folder.tensors()) {
      const TensorView& other = gguf.at(tensor);
      ASSERT_EQ(view.shape, other.shape) << tensor;
      if (view.dtype != other.dtype) continue;  // bf16 there, f32 here
      const bool permuted = gguf.interleaved_rope() && (tensor.ends_with("q_proj.weight") ||
                                                        tensor.ends_with("k_proj.weight"));
      const auto row = view.bytes.size() / static_cast<std::size_t>(view.shape[0]);
      for (std::int64_t i = 0; i < view.shape[0]; ++i) {
        const std::int64_t from =
            permuted ? row_before_permutation(i, folder.config()["head_dim"]) : i;
        const auto expected = view.bytes.subspan(static_cast<std::size_t>(from) * row, row);
        const auto found = other.bytes.subspan(static_cast<std::size_t>(i) * row, row);
        ASSERT_TRUE(std::ranges::equal(expected, found)) << tensor << " row " << i;
      }
    }
    auto expected = meaning(folder.config()), found = meaning(gguf.config());
    expected["torch_dtype"] = found["torch_dtype"] = nullptr;
    expected["rope_scaling"] = found["rope_scaling"] = nullptr;  // GGUF has it as a tensor
    EXPECT_EQ(expected, found) << name;
  }
  EXPECT_NE(Checkpoint::open(kGoldens / "gguf/llama.gguf").find("rope_freqs.weight"), nullptr);
}

TEST(Checkpoint, fp8_weights_keep_their_type_beside_their_scales) {
  NEEDS_GOLDENS();
  const Checkpoint model = Checkpoint::open(kGoldens / "models/deepseek_v3-fp8");
  const TensorView& weight = model.at("model.layers.0.self_attn.kv_b_proj.weight");
  const TensorView& scale = model.at("model.layers.0.self_attn.kv_b_proj.weight_scale_inv");
  EXPECT_EQ(weight.dtype, DType::f8_e4m3);
  EXPECT_EQ(scale.dtype, DType::f32);
  EXPECT_EQ(scale.shape[0], (weight.shape[0] + 127) / 128);
  EXPECT_EQ(model.config()["num_nextn_predict_layers"], 0);
  EXPECT_EQ(
      Checkpoint::open(kGoldens / "models/deepseek_v3-mtp").config()["num_nextn_predict_layers"],
      1);
}

}  // namespace
}  // namespace r1
