// Low-rank adapters (Hu et al., LoRA) in the form that Hugging Face's PEFT writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "formats/checkpoint.h"
#include "ops/linear.h"

namespace r1 {

/// A new adapter: which layers get one, and of what rank.
struct LoraOptions {
  std::int64_t rank = 8;
  double alpha = 16;
  /// The layers' names or their ends, from a dot on ("q_proj", "shared_experts.up_proj"), as PEFT's
  /// target_modules; empty: all that can take one.
  std::vector<std::string> targets;
};

/// Whether a layer is one of the blocks' projections, which can take an adapter: attention's, the
/// feed-forward networks', the experts', and what joins a prediction layer's two inputs.
bool is_projection(const std::string& layer);

/// The adapters of one folder, by the layer they change. Copies share the numbers.
class LoraAdapter {
 public:
  /// A folder with adapter_config.json and adapter_model.safetensors. Throws Error for what is no
  /// plain LoRA (DoRA, trained biases or whole modules, ranks of their own) or not well-formed.
  static LoraAdapter open(const std::filesystem::path& folder);

  /// One that changes nothing yet: A uniform in +- 1 / sqrt(in), B zero. Throws Error if a target
  /// is no layer of the model, or none that takes an adapter.
  static LoraAdapter create(const Checkpoint& model, const LoraOptions& options,
                            std::uint64_t seed);
  /// Writes the files that open() reads, in float. `base` is the name of the changed model.
  void write(const std::filesystem::path& folder, const std::string& base) const;

  const std::filesystem::path& folder() const { return folder_; }
  /// By a layer's name ("model.layers.0.self_attn.q_proj"): shapes agree with the rank.
  const std::map<std::string, LowRank>& layers() const { return layers_; }
  /// The change of a layer [out, in], or null. Throws Error if the shapes don't fit.
  const LowRank* find(const std::string& layer, std::int64_t out, std::int64_t in) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, LowRank> layers_;
  std::vector<std::string> targets_;  // PEFT's target_modules
};

/// The rows of `b` [heads head_dims, rank] in the order in which GGUF's llama keeps those of q_proj
/// and k_proj: row i and row i + head_dims / 2 of a head become neighbours.
Tensor with_neighbouring_pairs(const Tensor& b, std::int64_t head_dims);

}  // namespace r1
