#include "models/memory_need.h"

#include <algorithm>

#include "base/error.h"
#include "base/memory.h"

namespace r1 {
namespace {

/// A size of the configuration, or 0 if it isn't there.
std::int64_t size_of(const Checkpoint& model, const char* key) {
  const auto found = model.config().find(key);
  if (found == model.config().end() || !found->is_number_integer()) return 0;
  return std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, 0x7fffffff);
}

std::int64_t required(const Checkpoint& model, const char* key) {
  const std::int64_t size = size_of(model, key);
  if (size == 0) throw Error(model.path().string(), std::string("the configuration lacks ") + key);
  return size;
}

bool has_latent_attention(const Checkpoint& model) {
  return size_of(model, "kv_lora_rank") > 0;
}

/// More than any machine has, and still far from overflow when a few are added.
constexpr std::int64_t kEndless = std::int64_t{1} << 58;

std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kEndless : std::min(product, kEndless);
}

/// Numbers that the widest part of a layer holds for one token, about: residual, attention's inputs
/// and outputs, and the feed-forward's two or three intermediates.
std::int64_t activations_per_token(const Checkpoint& model) {
  const std::int64_t hidden = required(model, "hidden_size");
  const std::int64_t heads = required(model, "num_attention_heads");
  const bool latent = has_latent_attention(model);
  // The absorbed form of latent attention keeps queries and results at the latent's width.
  const std::int64_t head =
      latent ? 2 * (size_of(model, "kv_lora_rank") + size_of(model, "qk_rope_head_dim"))
             : 4 * required(model, "head_dim");
  const std::int64_t dense = size_of(model, "intermediate_size");
  const std::int64_t experts = saturating_product(
      size_of(model, "moe_intermediate_size"),
      size_of(model, "num_experts_per_tok") + size_of(model, "n_shared_experts"));
  return 6 * hidden + saturating_product(heads, head) + 3 * std::max(dense, experts);
}

}  // namespace

std::int64_t cache_bytes_per_token(const Checkpoint& model, DType cache_type) {
  const std::int64_t layers = required(model, "num_hidden_layers");
  const std::int64_t numbers =
      has_latent_attention(model)
          ? required(model, "kv_lora_rank") + size_of(model, "qk_rope_head_dim")
          : 2 * saturating_product(required(model, "num_key_value_heads"),
                                   required(model, "head_dim"));
  return saturating_product(saturating_product(layers, numbers), info(cache_type).block_bytes);
}

MemoryNeed memory_need(const Checkpoint& model, std::int64_t context, DType cache_type,
                       std::int64_t chunk) {
  MemoryNeed need;
  need.weights = model.tensor_bytes();
  need.cache = saturating_product(context, cache_bytes_per_token(model, cache_type));
  const std::int64_t tokens = std::min(chunk, context);
  // Logits are computed for the last token of a chunk only.
  need.workspace = saturating_product(tokens * 4, activations_per_token(model)) +
                   required(model, "vocab_size") * 4;
  return need;
}

void require_memory(const MemoryNeed& need, const std::string& where) {
  const std::int64_t memory = physical_memory();
  if (need.total() <= memory) return;
  throw Error(
      where,
      "needs " + readable_bytes(need.total()) + " (" + readable_bytes(need.weights) + " weights, " +
          readable_bytes(need.cache) + " cache), this machine has " + readable_bytes(memory),
      need.weights > memory ? "take a smaller model or a smaller type" : "take a shorter context");
}

}  // namespace r1
