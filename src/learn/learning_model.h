// A model that learns, with its tokenizer and all that it takes to save it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "formats/chat_template.h"
#include "formats/checkpoint.h"
#include "formats/tokenizer.h"
#include "learn/recipe.h"
#include "models/lora.h"
#include "models/model.h"

namespace r1 {

struct LearningModelOptions {
  /// A GGUF file or a Hugging Face folder; empty: random weights of `config`.
  std::filesystem::path start;
  nlohmann::ordered_json config;        // in the form of normalise_config()
  float deviation = 0.02f;              // of random weights; initial_deviation() suits a width
  std::uint64_t seed = 0;               // of random weights and adapters
  std::filesystem::path tokenizer;      // folder or GGUF file; empty: that of `start`
  std::filesystem::path chat_template;  // a file; empty: the tokenizer's
  std::string dtype = "bf16";           // that weights are multiplied in: or "f32", "fp8"
  std::filesystem::path adapter;        // folder of a LoRA that learns alone; empty: none
  std::optional<LoraOptions> lora;      // a new one
};

class LearningModel {
 public:
  /// Throws Error for what is no model or can't learn.
  static LearningModel open(const LearningModelOptions& options);
  /// As it was saved in `folder`, in a run that began with `options`.
  static LearningModel resume(LearningModelOptions options, const std::filesystem::path& folder);

  const Model& model() const { return *model_; }
  /// Throw Error where the model came without.
  const Tokenizer& tokenizer() const;
  ChatTemplate chat_template() const;
  bool has_chat_template() const;
  /// Takes the tokenizer of a folder or GGUF file that stays, in the place of the one it has; the
  /// configuration names its first and last tokens from then on. Throws Error for one with more
  /// tokens than the model has rows.
  void take_tokenizer(const std::filesystem::path& source);
  /// Identifies tokenizer and template in caches.
  std::string text_identity() const;
  bool has_adapter() const { return adapter_ != nullptr; }

  /// The weights as they are now, under Hugging Face's names. Views of the learning numbers: valid
  /// and current while the model lives. A frozen base is given as it is, without the adapter.
  Checkpoint snapshot() const;
  /// The snapshot with the adapter's changes added to the weights.
  Checkpoint merged() const;
  /// Writes `checkpoint`, a snapshot of this model, with tokenizer and generation settings as a
  /// folder in Hugging Face's form; the weights are written as `type`.
  void write(const Checkpoint& checkpoint, const std::filesystem::path& folder, DType type) const;
  /// Writes all that resume() needs: the weights in float, or the adapter.
  void save(const std::filesystem::path& folder) const;

 private:
  LearningModel() = default;

  LearningModelOptions options_;
  std::unique_ptr<Model> model_;
  std::shared_ptr<const LoraAdapter> adapter_;
  std::optional<Tokenizer> tokenizer_;
  std::filesystem::path tokenizer_source_;
  Checkpoint snapshot_;
};

/// What the sections [model] and [lora] of a recipe say.
LearningModelOptions read_model_options(const Recipe& recipe);

}  // namespace r1
