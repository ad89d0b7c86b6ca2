// Llama (Touvron et al.; Grattafiori et al., The Llama 3 Herd of Models) and Qwen2 (Yang et al.,
// Qwen2 Technical Report), which adds biases to queries, keys and values.
#pragma once

#include <vector>

#include "models/model.h"

namespace r1 {

class Llama : public Model {
 public:
  Llama(ModelConfig config, const WeightLoader& weights);

  CacheShape cache_shape() const override;
  TokenCost token_cost() const override;
  Tensor hidden(Pass& pass) const override;

 private:
  struct Layer {
    Tensor attention_norm, feed_forward_norm;
    Linear query, key, value, out;
    FeedForward feed_forward;
  };

  Tensor attention(Pass& pass, std::int64_t layer, const Tensor& x) const;
  Tensor block(Pass& pass, std::int64_t index, const Tensor& input) const;

  std::vector<Layer> layers_;
  Tensor norm_;
  RopePairs rope_pairs_;
  std::vector<CacheSlice> groups_;  // a cache row is all heads' keys, then all heads' values
};

}  // namespace r1
