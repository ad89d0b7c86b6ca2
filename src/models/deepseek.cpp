#include "models/deepseek.h"

#include <algorithm>
#include <utility>

#include "models/expanded_attention.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

// The norms inside attention have an epsilon of their own, whatever rms_norm_eps says.
constexpr float kLatentNormEps = 1e-6f;
// Shorter pieces of a prompt don't repay the expansion of what came before them.
constexpr std::int64_t kLeastExpanded = 64;

}  // namespace

Deepseek::Deepseek(ModelConfig config, const WeightLoader& weights)
    : Model(std::move(config), weights) {
  for (std::int64_t i = 0; i < config_.layers; ++i) {
    layers_.push_back(load_layer(weights, i, i < config_.dense_layers));
  }
  norm_ = weights.vector("model.norm.weight", config_.width);
  const std::string name = "model.layers." + std::to_string(config_.layers);
  if (config_.prediction_layers == 0 || !weights.has(name + ".eh_proj.weight")) {
    config_.prediction_layers = 0;
    return;
  }
  config_.prediction_layers = 1;
  prediction_ =
      Prediction{.token_norm = weights.vector(name + ".enorm.weight", config_.width),
                 .hidden_norm = weights.vector(name + ".hnorm.weight", config_.width),
                 .norm = weights.vector(name + ".shared_head.norm.weight", config_.width),
                 .project = weights.linear(name + ".eh_proj", config_.width, 2 * config_.width),
                 .head = weights.copy_of(head_, name + ".shared_head.head"),
                 .layer = load_layer(weights, config_.layers, config_.experts == 0)};
}

Deepseek::Layer Deepseek::load_layer(const WeightLoader& weights, std::int64_t index,
                                     bool dense) const {
  const ModelConfig& c = config_;
  const std::string name = "model.layers." + std::to_string(index);
  const std::string attention = name + ".self_attn", mlp = name + ".mlp";
  const std::int64_t q_width = c.heads * (c.nope_dims + c.rope_dims);
  Layer layer;
  layer.attention_norm = weights.vector(name + ".input_layernorm.weight", c.width);
  layer.feed_forward_norm = weights.vector(name + ".post_attention_layernorm.weight", c.width);
  if (c.q_lora > 0) {
    layer.q_a = weights.linear(attention + ".q_a_proj", c.q_lora, c.width);
    layer.q_norm = weights.vector(attention + ".q_a_layernorm.weight", c.q_lora);
    layer.q_b = weights.linear(attention + ".q_b_proj", q_width, c.q_lora);
  } else {
    layer.q_b = weights.linear(attention + ".q_proj", q_width, c.width);
  }
  layer.kv_a = weights.linear(attention + ".kv_a_proj_with_mqa", c.kv_lora + c.rope_dims, c.width);
  layer.kv_norm = weights.vector(attention + ".kv_a_layernorm.weight", c.kv_lora);
  load_key_value_up(weights, attention, layer);
  layer.out = weights.linear(attention + ".o_proj", c.width, c.heads * c.value_dims);
  if (dense) {
    layer.feed_forward = weights.feed_forward(mlp, c.width, c.feed_forward);
    return layer;
  }
  layer.router = weights.table(mlp + ".gate", c.experts, c.width);
  layer.router.precision = Precision::f32;
  if (weights.has(mlp + ".gate.e_score_correction_bias")) {
    layer.router_bias = weights.constants(mlp + ".gate.e_score_correction_bias", c.experts);
  }
  for (std::int64_t e = 0; e < c.experts; ++e) {
    layer.experts.push_back(weights.feed_forward(mlp + ".experts." + std::to_string(e), c.width,
                                                 c.expert_feed_forward));
  }
  if (c.shared_experts > 0) {
    layer.feed_forward = weights.feed_forward(mlp + ".shared_experts", c.width,
                                              c.shared_experts * c.expert_feed_forward);
  }
  return layer;
}

/// W_UK and W_UV of each head, from kv_b_proj [heads (nope + value), kv_lora] or from the two parts
/// of a GGUF.
void Deepseek::load_key_value_up(const WeightLoader& weights, const std::string& name,
                                 Layer& layer) const {
  const ModelConfig& c = config_;
  if (options_.fast_prefill) layer.key_value_up = whole_key_value_up(weights, name);
  const std::int64_t rows = c.nope_dims + c.value_dims;
  if (weights.has(name + ".k_b_proj.weight") && weights.has(name + ".v_b_proj.weight")) {
    layer.key_up = weights.slices(name + ".k_b_proj.weight", c.heads, c.kv_lora, c.nope_dims);
    layer.value_up = weights.slices(name + ".v_b_proj.weight", c.heads, c.value_dims, c.kv_lora);
  } else {
    const DType type = weights.checkpoint().at(name + ".kv_b_proj.weight").dtype;
    const Tensor both = weights.floats(name + ".kv_b_proj", c.heads * rows, c.kv_lora);
    for (std::int64_t head = 0; head < c.heads; ++head) {
      const std::int64_t first = head * rows;
      layer.key_up.push_back(weights.part(both, first, c.nope_dims, true, type));
      layer.value_up.push_back(weights.part(both, first + c.nope_dims, c.value_dims, false, type));
    }
  }
  for (std::int64_t head = 0; head < c.heads; ++head) {
    const auto i = static_cast<std::size_t>(head);
    const std::int64_t first = head * rows;
    weights.adapt_part(name + ".kv_b_proj", c.heads * rows, c.kv_lora, first, true,
                       layer.key_up[i]);
    weights.adapt_part(name + ".kv_b_proj", c.heads * rows, c.kv_lora, first + c.nope_dims, false,
                       layer.value_up[i]);
  }
}

/// kv_b_proj [heads (nope + value), kv_lora], put together again where a GGUF holds its parts.
Linear Deepseek::whole_key_value_up(const WeightLoader& weights, const std::string& name) const {
  const ModelConfig& c = config_;
  const std::int64_t rows = c.nope_dims + c.value_dims;
  if (!weights.has(name + ".k_b_proj.weight")) {
    return weights.linear(name + ".kv_b_proj", c.heads * rows, c.kv_lora);
  }
  const Tensor keys = weights.floats(name + ".k_b_proj", c.heads * c.kv_lora, c.nope_dims);
  const Tensor values = weights.floats(name + ".v_b_proj", c.heads * c.value_dims, c.kv_lora);
  Tensor both = Tensor::empty({c.heads * rows, c.kv_lora});
  for (std::int64_t head = 0; head < c.heads; ++head) {
    float* to = both.data() + head * rows * c.kv_lora;
    for (std::int64_t r = 0; r < c.nope_dims; ++r) {
      for (std::int64_t l = 0; l < c.kv_lora; ++l) {
        *to++ = keys.data()[(head * c.kv_lora + l) * c.nope_dims + r];
      }
    }
    std::copy_n(values.data() + head * c.value_dims * c.kv_lora, c.value_dims * c.kv_lora, to);
  }
  Linear whole = weights.part(both, 0, both.rows(), false,
                              weights.checkpoint().at(name + ".k_b_proj.weight").dtype);
  weights.adapt_part(name + ".kv_b_proj", whole.out(), whole.in(), 0, false, whole);
  return whole;
}

bool Deepseek::expands(const Pass& pass) const {
  return options_.fast_prefill &&
         std::all_of(pass.spans.begin(), pass.spans.end(),
                     [](const PassSpan& span) { return span.count >= kLeastExpanded; });
}

CacheShape Deepseek::cache_shape() const {
  return {.type = options_.cache_type,
          .layers = config_.layers + config_.prediction_layers,
          .row_elements = config_.kv_lora + config_.rope_dims};
}

TokenCost Deepseek::token_cost() const {
  TokenCost cost = {.type = layers_.back().q_b.weight.dtype};
  cost.position_multiplications = static_cast<double>(config_.layers * config_.heads *
                                                      (2 * config_.kv_lora + config_.rope_dims));
  const double chosen = static_cast<double>(config_.routing.experts_a_token) /
                        static_cast<double>(std::max<std::int64_t>(1, config_.experts));
  for (const Layer& layer : layers_) {
    for (const Linear* part : {&layer.q_a, &layer.q_b, &layer.kv_a, &layer.out, &layer.router})
      cost.add(*part);
    for (const Linear& head : layer.key_up) cost.add(head);
    for (const Linear& head : layer.value_up) cost.add(head);
    cost.add(layer.feed_forward);
    for (const FeedForward& expert : layer.experts) cost.add(expert, chosen);
  }
  cost.weight_bytes += static_cast<double>(head_.bytes());
  return cost;
}

/// V2 eq. 37-40: through the low-rank latent if there is one. [tokens, heads, nope + rope].
Tensor Deepseek::queries(const Layer& layer, const Tensor& x) const {
  const Tensor q =
      config_.q_lora == 0
          ? linear(x, layer.q_b)
          : linear(rms_norm(linear(x, layer.q_a), layer.q_norm, kLatentNormEps), layer.q_b);
  return q.reshape({x.dim(0), config_.heads, config_.nope_dims + config_.rope_dims});
}

/// Multi-head latent attention, V2 eq. 41-47, with W_UK absorbed into the queries and W_UV applied
/// to the context, so that the latent alone is cached (or expanded again, for long pieces of
/// prompts where that was asked for). x [tokens, width] -> [tokens, width].
Tensor Deepseek::attention(Pass& pass, std::int64_t index, const Layer& layer,
                           const Tensor& x) const {
  const ModelConfig& c = config_;
  const std::int64_t tokens = x.dim(0);
  const Tensor q = queries(layer, x);
  const Tensor kv = linear(x, layer.kv_a);
  const Tensor latent = rms_norm(columns(kv, 0, c.kv_lora), layer.kv_norm, kLatentNormEps);
  const Tensor k_rope = rope(columns(kv, c.kv_lora, c.rope_dims).reshape({tokens, 1, c.rope_dims}),
                             pass.angles, RopePairs::neighbours);
  const Tensor q_rope =
      rope(columns(q, c.nope_dims, c.rope_dims), pass.angles, RopePairs::neighbours);
  pass.append(index, concatenate(latent, k_rope.reshape({tokens, c.rope_dims})));
  if (expands(pass)) {
    const Tensor heads = expanded_attention(pass, index, c, layer.key_value_up,
                                            concatenate(columns(q, 0, c.nope_dims), q_rope));
    return linear(heads.reshape({tokens, c.heads * c.value_dims}), layer.out);
  }
  const Tensor q_latent = linear_heads(columns(q, 0, c.nope_dims), layer.key_up);
  const CacheSlice slice = {
      .key = 0, .key_dims = c.kv_lora + c.rope_dims, .value = 0, .value_dims = c.kv_lora};
  const Tensor context =
      pass.attend(index, concatenate(q_latent, q_rope), {slice}, c.attention_scale);
  return linear(linear_heads(context, layer.value_up).reshape({tokens, c.heads * c.value_dims}),
                layer.out);
}

/// V3 eq. 12-16: the chosen experts' weighted answers and the shared experts' unweighted one.
Tensor Deepseek::mixture(Pass& pass, std::int64_t index, const Layer& layer,
                         const Tensor& x) const {
  const Tensor logits = linear(x, layer.router);
  const Choices choices = route(logits, layer.router_bias, config_.routing);
  pass.watch_routing(index, logits, choices, config_.routing);
  const Tensor routed = experts(x, choices, layer.experts);
  return config_.shared_experts > 0 ? add(routed, feed_forward(x, layer.feed_forward)) : routed;
}

Tensor Deepseek::block(Pass& pass, std::int64_t index, const Layer& layer,
                       const Tensor& input) const {
  return pass.layer(input, [&pass, &layer, index, this](const Tensor& x) {
    const Tensor h =
        add(x, attention(pass, index, layer, rms_norm(x, layer.attention_norm, config_.norm_eps)));
    const Tensor normed = rms_norm(h, layer.feed_forward_norm, config_.norm_eps);
    return add(h, layer.experts.empty() ? feed_forward(normed, layer.feed_forward)
                                        : mixture(pass, index, layer, normed));
  });
}

Tensor Deepseek::hidden(Pass& pass) const {
  begin(pass);
  Tensor x = embedding(pass.ids, embedding_table_);
  for (std::int64_t i = 0; i < config_.layers; ++i) {
    x = block(pass, i, layers_[static_cast<std::size_t>(i)], x);
  }
  return rms_norm(x, norm_, config_.norm_eps);
}

/// The released weights take [enorm(Emb); hnorm(h)], the report's eq. 21 writes them the other way.
Tensor Deepseek::predicted_hidden(Pass& pass, const Tensor& hidden) const {
  if (!prediction_) return Model::predicted_hidden(pass, hidden);
  begin(pass);
  const Prediction& p = *prediction_;
  const Tensor token =
      rms_norm(embedding(pass.ids, embedding_table_), p.token_norm, config_.norm_eps);
  const Tensor state = rms_norm(hidden, p.hidden_norm, config_.norm_eps);
  const Tensor x =
      block(pass, config_.layers, p.layer, linear(concatenate(token, state), p.project));
  return rms_norm(x, p.norm, config_.norm_eps);
}

const Linear& Deepseek::prediction_head() const {
  return prediction_ ? prediction_->head : Model::prediction_head();
}

std::vector<Tensor> Deepseek::router_biases() const {
  std::vector<Tensor> biases;
  biases.reserve(layers_.size() + 1);
  for (const Layer& layer : layers_) biases.push_back(layer.router_bias);
  if (prediction_) biases.push_back(prediction_->layer.router_bias);
  return biases;
}

}  // namespace r1
