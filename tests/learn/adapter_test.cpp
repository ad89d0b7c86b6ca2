// Adapters of every layer of DeepSeek's models, those that latent attention takes apart and the
// experts' included, held against the merged weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/convert/folder_export.h"
#include "formats/json.h"
#include "learn/language_loss.h"
#include "learn/learning_model.h"
#include "models/owned_cache.h"
#include "models/small_models.h"
#include "ops/tape.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

const std::vector<std::vector<int>> kTexts = {{1, 7, 3, 40, 5, 22, 9}, {6, 31, 8, 11}};

/// Fills B, which is zero in a new adapter, so that it changes something.
void fill(const LoraAdapter& adapter) {
  std::uint64_t stream = 0;
  for (const auto& [name, layer] : adapter.layers()) {
    Tensor b = layer.b;
    fill_normal(5, ++stream, 0, {b.data(), static_cast<std::size_t>(b.elements())}, 0.05f);
  }
}

/// A new adapter for `source`, saved and opened again.
std::shared_ptr<const LoraAdapter> adapter_for(const Checkpoint& source,
                                               const std::filesystem::path& folder,
                                               const std::vector<std::string>& targets = {}) {
  const LoraAdapter made = LoraAdapter::create(source, {3, 6, targets}, 2);
  fill(made);
  std::filesystem::create_directories(folder);
  made.write(folder, "base");
  return std::make_shared<const LoraAdapter>(LoraAdapter::open(folder));
}

LoadOptions in_float(std::shared_ptr<const LoraAdapter> adapter, Learn learn) {
  LoadOptions options;
  options.precision = Precision::f32;
  options.cache_type = DType::f32;
  options.adapter = std::move(adapter);
  options.learn = learn;
  return options;
}

Tensor adapted_logits(const Model& model, const std::vector<int>& ids) {
  OwnedCache cache(model.cache_shape(), static_cast<std::int64_t>(ids.size()));
  Pass pass;
  pass.add(ids, 0, cache);
  return model.logits(model.hidden(pass));
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(a.data()[i] - b.data()[i])));
  }
  return largest;
}

double adapted_backward(const Model& model) {
  Tape tape;
  const Tape::Scope scope(tape);
  PackedPass pass(model, kTexts);
  const Tensor loss = next_token_loss(pass);
  tape.backward(loss);
  return static_cast<double>(loss.data()[0]);
}

class Adapters : public testing::TestWithParam<std::string> {
 protected:
  Adapters() { write_small_gguf(file_, small_config(GetParam()), DType::f32); }

  /// What an adapter learns on: q and k rows as transformers has them, kv_b_proj in its parts.
  Checkpoint learning_base() const { return in_hugging_face_order(Checkpoint::open(file_), false); }

  /// What `adapter` makes of the model, merged, in a folder as transformers reads it.
  Checkpoint merged(const std::filesystem::path& adapter) {
    LearningModelOptions options;
    options.start = file_;
    options.adapter = adapter;
    options.dtype = "f32";
    const LearningModel model = LearningModel::open(options);
    model.write(model.merged(), folder_ / "merged", DType::f32);
    return Checkpoint::open(folder_ / "merged");
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "model.gguf";
};

TEST_P(Adapters, change_a_model_as_merging_them_does_from_gguf_and_folder) {
  const Checkpoint gguf = Checkpoint::open(file_);
  const auto adapter = adapter_for(gguf, folder_ / "adapter");
  const bool experts = GetParam().starts_with("deepseek");
  for (const char* layer :
       {"self_attn.kv_b_proj", "mlp.experts.3.down_proj", "mlp.shared_experts.up_proj"}) {
    EXPECT_EQ(adapter->layers().contains(std::string("model.layers.0.") + layer), experts);
  }
  const Checkpoint together = merged(folder_ / "adapter");
  const auto want = Model::load(together, in_float(nullptr, Learn::nothing));
  const auto before = Model::load(gguf, in_float(nullptr, Learn::nothing));
  const Tensor logits = adapted_logits(*want, kTexts[0]);
  EXPECT_GT(largest_difference(adapted_logits(*before, kTexts[0]), logits), 0.05);
  FolderOptions to;
  to.folder = folder_ / "base";
  write_folder(in_hugging_face_order(gguf, true), to);
  for (const Checkpoint& base : {gguf, Checkpoint::open(folder_ / "base")}) {
    const auto model = Model::load(base, in_float(adapter, Learn::nothing));
    EXPECT_LT(largest_difference(adapted_logits(*model, kTexts[0]), logits), 2e-5);
  }
}

// d/dB of a loss by W' = W + factor B A is factor dW' A^T, and d/dA is factor B^T dW'.
TEST_P(Adapters, have_the_gradients_that_those_of_the_merged_weights_give) {
  const auto adapter = adapter_for(Checkpoint::open(file_), folder_ / "adapter");
  const auto whole = Model::load(merged(folder_ / "adapter"), in_float(nullptr, Learn::weights));
  const auto model = Model::load(learning_base(), in_float(adapter, Learn::adapter));
  EXPECT_EQ(model->parameters().all().size(), 2 * adapter->layers().size());
  EXPECT_NEAR(adapted_backward(*model), adapted_backward(*whole), 1e-5);
  for (const auto& [name, change] : adapter->layers()) {
    SCOPED_TRACE(name);
    const Gradient by_weight = whole->parameters().find(name + ".weight")->gradient();
    const std::int64_t rank = change.a.dim(0), in = change.a.dim(1), out = change.b.dim(0);
    std::vector<double> by_a(static_cast<std::size_t>(rank * in)),
        by_b(static_cast<std::size_t>(out * rank));
    for (std::int64_t o = 0; o < out; ++o) {
      for (std::int64_t i = 0; i < in; ++i) {
        const double dw =
            static_cast<double>(by_weight.data()[o * in + i]) * static_cast<double>(change.factor);
        for (std::int64_t r = 0; r < rank; ++r) {
          by_a[static_cast<std::size_t>(r * in + i)] +=
              dw * static_cast<double>(change.b.data()[o * rank + r]);
          by_b[static_cast<std::size_t>(o * rank + r)] +=
              dw * static_cast<double>(change.a.data()[r * in + i]);
        }
      }
    }
    const auto compare = [&](const char* part, const std::vector<double>& want) {
      const Gradient got = model->parameters().find("base_model.model." + name + part)->gradient();
      double largest = 1e-6, difference = 0;
      for (std::size_t i = 0; i < want.size(); ++i) {
        largest = std::max(largest, std::fabs(want[i]));
        difference = std::max(difference, std::fabs(static_cast<double>(got.data()[i]) - want[i]));
      }
      EXPECT_LT(difference / largest, 1e-4) << part;
    };
    compare(".lora_A.weight", by_a);
    compare(".lora_B.weight", by_b);
  }
}

TEST_P(Adapters, that_moved_are_what_the_next_forward_multiplies) {
  const auto adapter = adapter_for(Checkpoint::open(file_), folder_ / "adapter");
  const auto model = Model::load(learning_base(), in_float(adapter, Learn::adapter));
  for (const Parameter& parameter : model->parameters().all()) {
    Tensor value = parameter.value;
    for (std::int64_t i = 0; i < value.elements(); ++i) value.data()[i] *= 1.5f;
  }
  model->parameters().refresh();
  std::filesystem::create_directories(folder_ / "moved");
  adapter->write(folder_ / "moved", "base");
  const auto want = Model::load(merged(folder_ / "moved"), in_float(nullptr, Learn::nothing));
  EXPECT_LT(largest_difference(adapted_logits(*model, kTexts[0]), adapted_logits(*want, kTexts[0])),
            5e-5);
}

INSTANTIATE_TEST_SUITE_P(, Adapters,
                         testing::Values("llama", "qwen2", "deepseek_v2", "deepseek_v3"),
                         [](const auto& info) { return info.param; });

TEST(AdapterTargets, are_ends_of_names_as_in_peft) {
  const TemporaryFolder folder;
  write_small_gguf(folder / "model.gguf", small_config("deepseek_v3"), DType::f32);
  const Checkpoint model = Checkpoint::open(folder / "model.gguf");
  const auto chosen = [&](const std::vector<std::string>& targets) {
    std::vector<std::string> names;
    const auto adapter = adapter_for(model, folder / "a", targets);
    for (const auto& [name, layer] : adapter->layers()) {
      names.push_back(name.substr(std::string("model.layers.0.").size()));
    }
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(chosen({"shared_experts.up_proj", "kv_b_proj"}),
            (Names{"mlp.shared_experts.up_proj", "self_attn.kv_b_proj"}));
  EXPECT_EQ(chosen({"up_proj"}).size(), 5u);  // four experts and the shared one
  EXPECT_EQ(chosen({"experts.2.down_proj"}), (Names{"mlp.experts.2.down_proj"}));
  const auto config = read_json(folder / "a" / "adapter_config.json");
  EXPECT_EQ(config.at("target_modules"), nlohmann::json({"experts.2.down_proj"}));
  EXPECT_THROW(chosen({"up_proj", "w_proj"}), Error);
}

}  // namespace
}  // namespace r1
