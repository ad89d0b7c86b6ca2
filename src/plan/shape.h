// A language model as plain numbers: what is counted, computed and cached for a token.
#pragma once

#include <cstdint>
#include <string>

namespace r1::plan {

/// The configuration of a transformer. Attention is multi-head latent where kv_lora > 0, grouped
/// queries otherwise; layers after the first `dense_layers` have experts where experts > 0.
struct Shape {
  std::string name;
  std::int64_t vocab = 0, width = 0, layers = 0, heads = 0, feed_forward = 0;
  bool tied_embeddings = false;
  // grouped queries
  std::int64_t kv_heads = 0, head_dims = 128;
  bool attention_bias = false;
  // multi-head latent attention; q_lora 0: queries straight from the hidden state
  std::int64_t q_lora = 0, kv_lora = 0, nope_dims = 128, rope_dims = 64, value_dims = 128;
  // experts; a token's experts lie in at most kept_groups of expert_groups
  std::int64_t dense_layers = 0, experts = 0, shared_experts = 0, experts_per_token = 0;
  std::int64_t expert_feed_forward = 0, expert_groups = 1, kept_groups = 1;
  bool router_bias = false;
  std::int64_t prediction_layers = 0;  // multi-token prediction modules

  bool latent() const { return kv_lora > 0; }
  std::int64_t expert_layers() const { return experts > 0 ? layers - dense_layers : 0; }
  /// Dimensions of a head's query and key, and of its value.
  std::int64_t query_dims() const { return latent() ? nope_dims + rope_dims : head_dims; }
  std::int64_t head_value_dims() const { return latent() ? value_dims : head_dims; }
};

/// Throws Error naming the shape and the number that is missing or out of bounds. All counts of a
/// checked shape stay below 2^62.
void check(const Shape& shape);

/// Parameters by part. Everything that a checkpoint holds is counted: embedding, head, weights,
/// biases, norms, routers and their balance biases; `prediction` is counted apart.
struct Parameters {
  std::int64_t embedding = 0, head = 0, attention = 0, norms = 0, dense = 0, routers = 0;
  std::int64_t shared_experts = 0, routed_experts = 0;
  std::int64_t active_routed_experts = 0;  // of the experts that one token goes to
  std::int64_t prediction = 0;
  std::int64_t total() const { return active() - active_routed_experts + routed_experts; }
  /// Those that take part in one token, embedding and head included.
  std::int64_t active() const {
    return embedding + head + attention + norms + dense + routers + shared_experts +
           active_routed_experts;
  }
};
Parameters count_parameters(const Shape& shape);

/// Elements of one layer's parts, for costs by layer.
struct LayerParameters {
  std::int64_t attention = 0, norms = 0, dense = 0, router = 0, shared_experts = 0, expert = 0;
};
LayerParameters layer_parameters(const Shape& shape);

/// Floating-point operations (a multiplication and an addition are two) of one token's forward.
struct TokenFlops {
  double linear = 0;     // products with parameters: 2 a parameter but for the embedding
  double attention = 0;  // scores and sums over half of the sequence on average
  double prediction = 0;
  double forward() const { return linear + attention + prediction; }
  /// Forward and backward, recomputation not counted.
  double training() const { return 3 * forward(); }
};
TokenFlops token_flops(const Shape& shape, std::int64_t sequence);

/// Bytes a token keeps in the cache of all layers.
double cache_bytes(const Shape& shape, double bytes_per_element);

}  // namespace r1::plan
