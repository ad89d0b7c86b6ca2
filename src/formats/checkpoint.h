// A model on disk, whatever its file format: configuration and tensors in Hugging Face's form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace r1 {

/// Where a tensor lies in a mapped file. Row-major, outermost dimension first; every length was
/// checked against the file. The bytes are aligned to the element of a plain type, to 2 in blocks
/// of quantized ones. Valid while the Checkpoint (or a copy of it) lives.
struct TensorView {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::int64_t elements() const;
};

/// A checkpoint opened from a GGUF file (or the first of its splits) or a Hugging Face folder.
/// Copies share the maps.
class Checkpoint {
 public:
  /// Throws Error, in one sentence, for whatever is no well-formed model.
  static Checkpoint open(const std::filesystem::path& path);
  /// One made in memory: `path` names it in messages, `owners` keep the views alive. The
  /// configuration is in the form of normalise_config().
  static Checkpoint of(const std::filesystem::path& path, nlohmann::ordered_json config,
                       nlohmann::ordered_json generation_config,
                       std::map<std::string, TensorView, std::less<>> tensors,
                       std::vector<std::shared_ptr<const void>> owners);

  /// config.json in the form that normalise_config() describes, whichever program wrote it; for
  /// GGUF the same keys made from its metadata. num_nextn_predict_layers counts the prediction
  /// layers whose weights are there.
  const nlohmann::ordered_json& config() const { return config_; }
  /// generation_config.json, or {} (for GGUF: eos and bos ids).
  const nlohmann::ordered_json& generation_config() const { return generation_config_; }
  /// By Hugging Face's name ("model.layers.0.self_attn.q_proj.weight"), also when it is a GGUF.
  /// Experts appear one by one. fp8 weights have their scales beside them as
  /// "<name>_scale_inv". Names that no architecture here knows stay as they are. GGUF's split of
  /// kv_b_proj appears as
  /// "...self_attn.k_b_proj.weight" [heads, kv_lora, nope] and "...self_attn.v_b_proj.weight"
  /// [heads, v, kv_lora]; llama3 scaling as "rope_freqs.weight".
  const TensorView* find(std::string_view name) const;
  /// The same, an Error naming the tensor if there is none.
  const TensorView& at(std::string_view name) const;
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  /// True if the rows of q_proj and k_proj stand in GGUF's order for the llama architecture:
  /// neighbouring pairs rotate, where Hugging Face's order rotates halves.
  bool interleaved_rope() const { return interleaved_rope_; }
  const std::filesystem::path& path() const { return path_; }
  /// What keeps the tensors' bytes alive.
  const std::vector<std::shared_ptr<const void>>& owners() const { return files_; }
  /// Bytes of all tensors on disk.
  std::int64_t tensor_bytes() const;

 private:
  friend class CheckpointBuilder;
  std::filesystem::path path_;
  nlohmann::ordered_json config_, generation_config_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::vector<std::shared_ptr<const void>> files_;  // what keeps the views alive
  bool interleaved_rope_ = false;
};

}  // namespace r1
