// One step of reinforcement learning: from answers with advantages to updates of the weights.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "learn/grpo_loss.h"
#include "learn/reference_policy.h"
#include "learn/rollouts.h"
#include "learn/trainer.h"

namespace r1 {

/// An answer to learn from.
struct WeighedAnswer {
  const Rollout* rollout = nullptr;
  double advantage = 0;
  bool counts = true;  // else it is as if its tokens weren't there
};

struct WeighedGroup {
  const std::vector<int>* prompt = nullptr;
  std::vector<WeighedAnswer> answers;
};

struct PolicyOptions {
  GrpoOptions loss;                        // TokenMean::micro_batch is not for it
  double temperature = 1.0;                // of the rollouts
  std::int64_t epochs = 1;                 // that the answers are walked through
  std::int64_t minibatches = 1;            // updates an epoch
  std::int64_t micro_batch_tokens = 1024;  // computed together at most, one answer at least
};

/// Means are over the tokens (or answers) that were learned from.
struct PolicyFigures {
  double loss = 0, gradient_norm = 0, learning_rate = 0;  // means over the updates
  ExpertLoad expert_load;                                 // of the last update
  GrpoFigures grpo;
  /// Largest |sampled - trained log-probability| before the first update: 0 as long as rollouts and
  /// training are one forward.
  double mismatch_max = 0;
  std::int64_t compared_tokens = 0;  // that mismatch_max is about
  std::int64_t tokens = 0;           // that went through forward and backward
  std::int64_t learned_tokens = 0;   // of them, tokens of answers
  std::int64_t updates = 0;
  double seconds = 0;
};

/// Answers that move nothing (no advantage and no divergence to keep small) are not computed; the
/// loss is the same as if they were.
class PolicyLearner {
 public:
  /// All must outlive it; `reference` may be null if options.loss.kl_weight is 0.
  PolicyLearner(const Model& model, Trainer& trainer, ReferencePolicy* reference,
                const PolicyOptions& options)
      : model_(model), trainer_(trainer), reference_(reference), options_(options) {}

  /// Learns from the groups in all epochs and minibatches (consecutive groups, as equal as can be).
  PolicyFigures learn(std::span<const WeighedGroup> groups);

 private:
  /// Answers that are computed together.
  struct MicroBatch;
  struct MiniBatch;
  MiniBatch minibatch(std::span<const WeighedGroup> groups) const;
  void refer(MiniBatch& batch) const;
  MicroLoss forward(const MicroBatch& micro, const PackedOptions& packing, bool compare,
                    PolicyFigures& figures) const;
  void accumulate(const MiniBatch& batch, bool compare, PolicyFigures& figures);

  const Model& model_;
  Trainer& trainer_;
  ReferencePolicy* reference_;
  PolicyOptions options_;
};

}  // namespace r1
