// DeepSeek-V2 and DeepSeek-V3 (R1): multi-head latent attention, experts, multi-token prediction.
// DeepSeek-AI, DeepSeek-V2 (2405.04434) and DeepSeek-V3 Technical Report (2412.19437).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/model.h"

namespace r1 {

class Deepseek : public Model {
 public:
  Deepseek(ModelConfig config, const WeightLoader& weights);

  CacheShape cache_shape() const override;
  TokenCost token_cost() const override;
  Tensor hidden(Pass& pass) const override;
  Tensor predicted_hidden(Pass& pass, const Tensor& hidden) const override;
  const Linear& prediction_head() const override;
  std::vector<Tensor> router_biases() const override;

 private:
  struct Layer {
    Tensor attention_norm, feed_forward_norm;
    Linear q_a, q_b;  // without q_lora: q_b alone
    Tensor q_norm;
    Linear kv_a;
    Tensor kv_norm;
    std::vector<Linear> key_up;    // a head: [kv_lora, nope], W_UK transposed
    std::vector<Linear> value_up;  // a head: [value_dims, kv_lora], W_UV
    Linear key_value_up;           // both as kv_b_proj has them, if prompts are expanded
    Linear out;
    FeedForward feed_forward;  // dense layers, and the shared experts of the others
    Linear router;             // undefined in dense layers
    Tensor router_bias;
    std::vector<FeedForward> experts;
  };
  struct Prediction {
    Tensor token_norm, hidden_norm, norm;
    Linear project, head;
    Layer layer;
  };

  Layer load_layer(const WeightLoader& weights, std::int64_t index, bool dense) const;
  void load_key_value_up(const WeightLoader& weights, const std::string& name, Layer& layer) const;
  Linear whole_key_value_up(const WeightLoader& weights, const std::string& name) const;
  bool expands(const Pass& pass) const;
  Tensor queries(const Layer& layer, const Tensor& x) const;
  Tensor attention(Pass& pass, std::int64_t index, const Layer& layer, const Tensor& x) const;
  Tensor mixture(Pass& pass, std::int64_t index, const Layer& layer, const Tensor& x) const;
  Tensor block(Pass& pass, std::int64_t index, const Layer& layer, const Tensor& input) const;

  std::vector<Layer> layers_;
  Tensor norm_;
  std::optional<Prediction> prediction_;
};

}  // namespace r1
