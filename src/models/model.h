// What every language model can do.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "formats/checkpoint.h"
#include "models/config.h"
#include "models/pass.h"
#include "models/weights.h"

namespace r1 {

/// What a token costs, attention aside.
struct TokenCost {
  DType type = DType::f32;              // of the layers' weights, mostly
  double layer_multiplications = 0;     // by the weights of all layers, without the head
  double position_multiplications = 0;  // of attention with each position that is seen
  double weight_bytes = 0;              // read for a decoded token, head included

  /// `share`: of tokens that use the layer.
  void add(const Linear& layer, double share = 1);
  void add(const FeedForward& network, double share = 1);
};

class Model {
 public:
  virtual ~Model() = default;

  /// The model of a checkpoint. Throws Error for a configuration or tensors that make none.
  static std::unique_ptr<Model> load(const Checkpoint& checkpoint, const LoadOptions& options);

  const ModelConfig& config() const { return config_; }
  /// What learns, with LoadOptions::learn; after a change of it, parameters().refresh().
  const Parameters& parameters() const { return *parameters_; }
  /// What the model keeps of a position; the prediction layer, if there is one, is the last layer.
  virtual CacheShape cache_shape() const = 0;

  virtual TokenCost token_cost() const = 0;

  /// The hidden states after the last norm, [tokens, width]. Fills the caches of the pass.
  virtual Tensor hidden(Pass& pass) const = 0;
  /// hidden [rows, width] -> logits [rows, vocab].
  Tensor logits(const Tensor& hidden) const;
  /// Multi-token prediction (V3 report eq. 21-23): the pass's tokens are those that follow the
  /// hidden states' own (row i of `hidden` and token i + 1 predict token i + 2). Returns the
  /// prediction layer's hidden states after its norm. Only if config().prediction_layers > 0.
  virtual Tensor predicted_hidden(Pass& pass, const Tensor& hidden) const;
  Tensor predicted_logits(const Tensor& hidden) const;
  /// What logits() and predicted_logits() multiply with.
  const Linear& head() const { return head_; }
  virtual const Linear& prediction_head() const;
  /// The biases by which the routers choose, by layer; undefined where a layer has none.
  virtual std::vector<Tensor> router_biases() const { return {}; }

 protected:
  Model(ModelConfig config, const WeightLoader& weights);
  Pass& begin(Pass& pass) const;

  ModelConfig config_;
  LoadOptions options_;
  Linear embedding_table_, head_;
  std::shared_ptr<const Parameters> parameters_;
};

}  // namespace r1
