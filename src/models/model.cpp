#include "models/model.h"

#include <utility>

#include "base/error.h"
#include "kernels/isa.h"
#include "models/deepseek.h"
#include "models/llama.h"

namespace r1 {

std::unique_ptr<Model> Model::load(const Checkpoint& checkpoint, const LoadOptions& options) {
  active_isa();  // a wrong R1_ISA is said before anything is read
  if (options.fast_prefill && options.learn != Learn::nothing) {
    throw Error("--fast-prefill", "has no gradients", "leave it out where something learns");
  }
  ModelConfig config = ModelConfig::read(checkpoint.config(), checkpoint.path().string());
  const WeightLoader weights(checkpoint, options);
  std::unique_ptr<Model> model;
  switch (config.architecture) {
    case Architecture::llama:
    case Architecture::qwen2:
      model = std::make_unique<Llama>(std::move(config), weights);
      break;
    case Architecture::deepseek_v2:
    case Architecture::deepseek_v3:
      model = std::make_unique<Deepseek>(std::move(config), weights);
      break;
  }
  weights.require_whole_adapter();
  const CacheShape shape = model->cache_shape();
  if (shape.row_elements % info(shape.type).block != 0) {
    throw Error(checkpoint.path().string(),
                "keeps " + std::to_string(shape.row_elements) +
                    " numbers a position, which the cache type " + std::string(name(shape.type)) +
                    " can't divide into its blocks",
                "take another --cache-type");
  }
  return model;
}

Model::Model(ModelConfig config, const WeightLoader& weights)
    : config_(std::move(config)), options_(weights.options()), parameters_(weights.parameters()) {
  const bool tied = config_.tied_embeddings || !weights.has("lm_head.weight");
  if (tied) {
    // One tensor is both: the packed rows serve look-ups too.
    embedding_table_ = head_ = weights.linear("model.embed_tokens", config_.vocab, config_.width);
  } else {
    embedding_table_ = weights.table("model.embed_tokens", config_.vocab, config_.width);
    head_ = weights.linear("lm_head", config_.vocab, config_.width);
  }
}

Pass& Model::begin(Pass& pass) const {
  for (const int id : pass.ids) {
    if (id < 0 || id >= config_.vocab) {
      throw Error("token ids", std::to_string(id) + " is not in the vocabulary of " +
                                   std::to_string(config_.vocab));
    }
  }
  pass.cache_shape = cache_shape();
  pass.precision = options_.precision;
  pass.angles = rope_angles(config_.rope, pass.positions());
  return pass;
}

void TokenCost::add(const Linear& layer, double share) {
  layer_multiplications += share * static_cast<double>(layer.out() * layer.in());
  weight_bytes += share * static_cast<double>(layer.bytes());
}

void TokenCost::add(const FeedForward& network, double share) {
  for (const Linear* layer : {&network.gate, &network.up, &network.down}) add(*layer, share);
}

Tensor Model::logits(const Tensor& hidden) const {
  return linear(hidden, head_);
}

Tensor Model::predicted_hidden(Pass&, const Tensor&) const {
  throw Error("model", "has no layer for multi-token prediction");
}

Tensor Model::predicted_logits(const Tensor& hidden) const {
  return linear(hidden, prediction_head());
}

const Linear& Model::prediction_head() const {
  throw Error("model", "has no layer for multi-token prediction");
}

}  // namespace r1
