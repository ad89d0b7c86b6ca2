#include "models/llama.h"

#include <string>
#include <utility>

#include "ops/elementwise.h"

namespace r1 {

Llama::Llama(ModelConfig config, const WeightLoader& weights) : Model(std::move(config), weights) {
  const ModelConfig& c = config_;
  const std::int64_t q_width = c.heads * c.head_dims, kv_width = c.kv_heads * c.head_dims;
  for (std::int64_t i = 0; i < c.layers; ++i) {
    const std::string name = "model.layers." + std::to_string(i);
    const std::string attention = name + ".self_attn";
    layers_.push_back({
        .attention_norm = weights.vector(name + ".input_layernorm.weight", c.width),
        .feed_forward_norm = weights.vector(name + ".post_attention_layernorm.weight", c.width),
        .query = weights.linear(attention + ".q_proj", q_width, c.width, c.attention_bias),
        .key = weights.linear(attention + ".k_proj", kv_width, c.width, c.attention_bias),
        .value = weights.linear(attention + ".v_proj", kv_width, c.width, c.attention_bias),
        .out = weights.linear(attention + ".o_proj", c.width, q_width, c.attention_bias),
        .feed_forward = weights.feed_forward(name + ".mlp", c.width, c.feed_forward),
    });
  }
  norm_ = weights.vector("model.norm.weight", c.width);
  if (weights.has("rope_freqs.weight")) {  // GGUF's form of llama3 scaling: divisors
    const Tensor divisors = weights.constants("rope_freqs.weight", c.head_dims / 2);
    for (std::size_t i = 0; i < config_.rope.frequencies.size(); ++i) {
      config_.rope.frequencies[i] /= divisors.data()[i];
    }
  }
  rope_pairs_ = weights.checkpoint().interleaved_rope() ? RopePairs::neighbours : RopePairs::halves;
  for (std::int64_t head = 0; head < c.kv_heads; ++head) {
    groups_.push_back({.key = head * c.head_dims,
                       .key_dims = c.head_dims,
                       .value = kv_width + head * c.head_dims,
                       .value_dims = c.head_dims});
  }
}

CacheShape Llama::cache_shape() const {
  return {.type = options_.cache_type,
          .layers = config_.layers,
          .row_elements = 2 * config_.kv_heads * config_.head_dims};
}

TokenCost Llama::token_cost() const {
  TokenCost cost = {.type = layers_[0].feed_forward.gate.weight.dtype};
  cost.position_multiplications =
      static_cast<double>(config_.layers * config_.heads * 2 * config_.head_dims);
  for (const Layer& layer : layers_) {
    for (const Linear* part : {&layer.query, &layer.key, &layer.value, &layer.out}) cost.add(*part);
    cost.add(layer.feed_forward);
  }
  cost.weight_bytes += static_cast<double>(head_.bytes());
  return cost;
}

/// x [tokens, width] -> [tokens, width]: grouped-query attention (Ainslie et al., GQA).
Tensor Llama::attention(Pass& pass, std::int64_t layer, const Tensor& x) const {
  const Layer& l = layers_[static_cast<std::size_t>(layer)];
  const std::int64_t tokens = pass.tokens(), dims = config_.head_dims;
  const Linear* projections[] = {&l.query, &l.key, &l.value};
  const std::vector<Tensor> qkv = linear(x, projections);
  const Tensor q = rope(qkv[0].reshape({tokens, config_.heads, dims}), pass.angles, rope_pairs_);
  const Tensor k = rope(qkv[1].reshape({tokens, config_.kv_heads, dims}), pass.angles, rope_pairs_);
  pass.append(layer, concatenate(k.reshape(qkv[1].shape()), qkv[2]));
  const Tensor context = pass.attend(layer, q, groups_, config_.attention_scale);
  return linear(context.reshape({tokens, config_.heads * dims}), l.out);
}

Tensor Llama::block(Pass& pass, std::int64_t index, const Tensor& input) const {
  return pass.layer(input, [&pass, index, this](const Tensor& x) {
    const Layer& layer = layers_[static_cast<std::size_t>(index)];
    const float eps = config_.norm_eps;
    const Tensor h = add(x, attention(pass, index, rms_norm(x, layer.attention_norm, eps)));
    return add(h, feed_forward(rms_norm(h, layer.feed_forward_norm, eps), layer.feed_forward));
  });
}

Tensor Llama::hidden(Pass& pass) const {
  begin(pass);
  Tensor x = embedding(pass.ids, embedding_table_);
  for (std::int64_t i = 0; i < config_.layers; ++i) x = block(pass, i, x);
  return rms_norm(x, norm_, config_.norm_eps);
}

}  // namespace r1
