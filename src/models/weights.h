// A checkpoint's tensors as the layers of a model: shapes checked, rows packed where it pays.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/checkpoint.h"
#include "models/lora.h"
#include "models/parameters.h"
#include "ops/experts.h"
#include "ops/linear.h"

namespace r1 {

/// What of a model learns.
enum class Learn : std::uint8_t { nothing, weights, adapter };

struct LoadOptions {
  Precision precision = Precision::native;
  DType cache_type = DType::bf16;
  /// Rearrange weights in memory for speed. Off: everything runs from the map, with equal bits.
  bool pack = true;
  /// Latent attention: expand the keys and values of long pieces of prompts. Faster, but their bits
  /// differ from those of decoding. Keeps the expanding weights beside the absorbed ones.
  bool fast_prefill = false;
  /// Low-rank changes of the weights; null: none.
  std::shared_ptr<const LoraAdapter> adapter = nullptr;
  /// Gradients are summed for these. Weights that learn are held as floats, whatever the file's
  /// type, and multiplied as `learned_type`, f32 or bf16.
  Learn learn = Learn::nothing;
  DType learned_type = DType::f32;
  /// The products of the blocks' layers, but the routers', are those of FP8 (ops/fp8.h), where
  /// weights learn: an emulation, by products of floats.
  bool fp8 = false;
};

class WeightLoader {
 public:
  WeightLoader(Checkpoint checkpoint, const LoadOptions& options);

  bool has(const std::string& name) const { return checkpoint_.find(name) != nullptr; }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  const LoadOptions& options() const { return options_; }

  /// name + ".weight" [out, in], with name + ".bias" where the file has one and `bias` asks for it.
  Linear linear(const std::string& name, std::int64_t out, std::int64_t in,
                bool bias = false) const;
  /// As linear(), never packed: a table whose rows are looked up.
  Linear table(const std::string& name, std::int64_t out, std::int64_t in) const;
  /// [count] numbers as floats.
  Tensor vector(const std::string& name, std::int64_t count) const;
  /// The same for numbers that no gradient reaches.
  Tensor constants(const std::string& name, std::int64_t count) const;
  /// As linear() if the file has the layer, but `same` where that learns: a copy in the file of a
  /// layer that the model has once.
  Linear copy_of(const Linear& same, const std::string& name) const;
  /// name + ".gate_proj", ".up_proj", ".down_proj".
  FeedForward feed_forward(const std::string& name, std::int64_t width, std::int64_t inner) const;
  /// Matrices one below the other, cut into layers of `out` rows: tensor [count, out, in].
  std::vector<Linear> slices(const std::string& tensor, std::int64_t count, std::int64_t out,
                             std::int64_t in) const;
  /// name + ".weight" [out, in] as floats.
  Tensor floats(const std::string& name, std::int64_t out, std::int64_t in) const;
  /// Rows [first, first + count) of floats(), or (transposed) those as columns, as a layer of the
  /// type that the weight type `like` multiplies in: float for f32 and f16 and for Precision::f32,
  /// else bf16.
  Linear part(const Tensor& floats, std::int64_t first, std::int64_t count, bool transposed,
              DType like) const;
  /// Gives `layer`, which multiplies that part of the layer `name` [out, in], what the adapter
  /// changes of it.
  void adapt_part(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t first,
                  bool transposed, Linear& layer) const;
  /// What learns of all that was loaded.
  std::shared_ptr<const Parameters> parameters() const { return parameters_; }
  /// Throws Error if the adapter changes a layer that was not loaded.
  void require_whole_adapter() const;

 private:
  Linear plain(const std::string& tensor, std::int64_t rows, std::int64_t cols) const;
  void pack_rows(Linear& layer) const;
  Tensor parameter(const std::string& tensor, Tensor::Shape shape) const;
  Linear learned(const Learned& source, std::int64_t out, std::int64_t in, bool packed,
                 DType type) const;
  Linear learned_fp8(const Learned& source, std::int64_t out, std::int64_t in) const;
  Tensor copy_of_part(const Learned& source, std::int64_t rows, std::int64_t cols) const;
  void adapt(const std::string& name, Linear& layer) const;

  Checkpoint checkpoint_;
  std::shared_ptr<const Checkpoint> keep_;
  LoadOptions options_;
  std::shared_ptr<Parameters> parameters_ = std::make_shared<Parameters>();
  mutable std::set<std::string> adapted_;       // layers that got their part of the adapter
  mutable std::map<const float*, Tensor> fp8_;  // parameters rounded
};

}  // namespace r1
