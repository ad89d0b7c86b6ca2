#include "plan/shape.h"

#include "base/error.h"

namespace r1::plan {
namespace {

void bound(const Shape& shape, const char* name, std::int64_t value, std::int64_t least,
           std::int64_t most) {
  if (value >= least && value <= most) return;
  throw Error("model " + shape.name, std::string(name) + " is " + std::to_string(value) +
                                         ", but must be from " + std::to_string(least) + " to " +
                                         std::to_string(most));
}

std::int64_t attention_parameters(const Shape& s) {
  if (s.latent()) {
    const std::int64_t query = s.heads * s.query_dims();
    const std::int64_t queries =
        s.q_lora > 0 ? s.width * s.q_lora + s.q_lora + s.q_lora * query : s.width * query;
    return queries + s.width * (s.kv_lora + s.rope_dims) + s.kv_lora +
           s.kv_lora * s.heads * (s.nope_dims + s.value_dims) + s.heads * s.value_dims * s.width;
  }
  const std::int64_t qkv = (s.heads + 2 * s.kv_heads) * s.head_dims;
  return s.width * qkv + (s.attention_bias ? qkv : 0) + s.heads * s.head_dims * s.width;
}

/// Parameters of a layer's attention that multiply (norms of the latents and biases don't).
std::int64_t attention_products(const Shape& s) {
  if (s.latent()) return attention_parameters(s) - s.kv_lora - s.q_lora;
  return attention_parameters(s) -
         (s.attention_bias ? (s.heads + 2 * s.kv_heads) * s.head_dims : 0);
}

}  // namespace

void check(const Shape& s) {
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  bound(s, "vocab", s.vocab, 1, kMost << 4);
  bound(s, "width", s.width, 1, kMost);
  bound(s, "layers", s.layers, 1, 4096);
  bound(s, "heads", s.heads, 1, 4096);
  bound(s, "dense_layers", s.dense_layers, 0, s.layers);
  bound(s, "prediction_layers", s.prediction_layers, 0, 16);
  if (s.latent()) {
    bound(s, "q_lora", s.q_lora, 0, kMost);
    bound(s, "kv_lora", s.kv_lora, 1, kMost);
    bound(s, "nope_dims", s.nope_dims, 1, 4096);
    bound(s, "rope_dims", s.rope_dims, 1, 4096);
    bound(s, "value_dims", s.value_dims, 1, 4096);
  } else {
    bound(s, "kv_heads", s.kv_heads, 1, s.heads);
    bound(s, "head_dims", s.head_dims, 1, 4096);
  }
  if (s.experts > 0) {
    bound(s, "experts", s.experts, 1, 1 << 16);
    bound(s, "experts_per_token", s.experts_per_token, 1, s.experts);
    bound(s, "shared_experts", s.shared_experts, 0, 1024);
    bound(s, "expert_feed_forward", s.expert_feed_forward, 1, kMost);
    bound(s, "expert_groups", s.expert_groups, 1, s.experts);
    bound(s, "kept_groups", s.kept_groups, 1, s.expert_groups);
  }
  const bool dense = s.experts == 0 || s.dense_layers > 0;
  bound(s, "feed_forward", s.feed_forward, dense ? 1 : 0, kMost << 2);
  // The bounds above leave room for more than 2^62 parameters of experts.
  const double experts = 3.0 * static_cast<double>(s.layers) * static_cast<double>(s.experts) *
                         static_cast<double>(s.width) * static_cast<double>(s.expert_feed_forward);
  if (experts > 1e17) {
    throw Error("model " + s.name, "its experts have more than 10^17 parameters");
  }
}

LayerParameters layer_parameters(const Shape& s) {
  LayerParameters of;
  of.attention = attention_parameters(s);
  of.norms = 2 * s.width;
  of.dense = 3 * s.width * s.feed_forward;
  of.expert = 3 * s.width * s.expert_feed_forward;
  of.shared_experts = s.shared_experts * of.expert;
  of.router = s.experts * s.width + (s.router_bias ? s.experts : 0);
  return of;
}

Parameters count_parameters(const Shape& s) {
  const LayerParameters layer = layer_parameters(s);
  Parameters p;
  p.embedding = s.vocab * s.width;
  p.head = s.tied_embeddings ? 0 : s.vocab * s.width;
  p.attention = s.layers * layer.attention;
  p.norms = s.layers * layer.norms + s.width;
  const std::int64_t expert_layers = s.expert_layers();
  p.dense = (s.layers - expert_layers) * layer.dense;
  p.routers = expert_layers * layer.router;
  p.shared_experts = expert_layers * layer.shared_experts;
  p.routed_experts = expert_layers * s.experts * layer.expert;
  p.active_routed_experts = expert_layers * s.experts_per_token * layer.expert;
  // A module: two norms, the projection of both inputs, one block and its final norm; embedding and
  // head are shared with the model.
  const std::int64_t feed_forward =
      s.experts > 0 ? layer.router + layer.shared_experts + s.experts * layer.expert : layer.dense;
  p.prediction = s.prediction_layers * (layer.attention + layer.norms + feed_forward +
                                        2 * s.width * s.width + 3 * s.width);
  return p;
}

TokenFlops token_flops(const Shape& s, std::int64_t sequence) {
  const LayerParameters layer = layer_parameters(s);
  const auto products = static_cast<double>(attention_products(s));
  const double router = s.experts > 0 ? static_cast<double>(s.experts * s.width) : 0.0;
  const double experts =
      router + static_cast<double>(layer.shared_experts + s.experts_per_token * layer.expert);
  const double head = static_cast<double>(s.vocab) * static_cast<double>(s.width);
  const double scores = static_cast<double>(sequence + 1) / 2 *
                        static_cast<double>(s.heads * (s.query_dims() + s.head_value_dims())) * 2;
  const auto expert_layers = static_cast<double>(s.expert_layers());
  const double dense_layers = static_cast<double>(s.layers) - expert_layers;
  TokenFlops flops;
  flops.linear = 2 * (static_cast<double>(s.layers) * products + expert_layers * experts +
                      dense_layers * static_cast<double>(layer.dense) + head);
  flops.attention = static_cast<double>(s.layers) * scores;
  const double feed_forward = s.experts > 0 ? experts : static_cast<double>(layer.dense);
  const double projection = 2 * static_cast<double>(s.width) * static_cast<double>(s.width);
  flops.prediction = static_cast<double>(s.prediction_layers) *
                     (2 * (products + feed_forward + projection + head) + scores);
  return flops;
}

double cache_bytes(const Shape& s, double bytes_per_element) {
  const std::int64_t elements = s.latent() ? s.kv_lora + s.rope_dims : 2 * s.kv_heads * s.head_dims;
  return static_cast<double>(s.layers * elements) * bytes_per_element;
}

}  // namespace r1::plan
