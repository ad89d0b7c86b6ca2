// What a recipe says of a grpo stage.
#pragma once

#include <cstdint>

#include "learn/advantages.h"
#include "learn/policy_learner.h"
#include "learn/questions.h"
#include "learn/scored_rollouts.h"

namespace r1 {

/// What an answer that came to max_tokens is worth.
enum class Truncated : std::uint8_t {
  count,  // as any other
  mask,   // nothing: it is left out of the loss (DAPO's overlong filtering)
  wrong,  // no reward
};

/// What a group's advantages are: those of RewardScale, or the paper's (no epsilon).
enum class AdvantageRule : std::uint8_t { group, batch, none, paper };

struct GrpoStageOptions {
  QuestionOptions questions;
  RolloutOptions rollouts;
  tasks::RewardSettings reward;
  PolicyOptions policy;
  TrainerOptions trainer;
  AdvantageRule advantages = AdvantageRule::group;
  Truncated truncated = Truncated::count;
  std::int64_t steps = 0;
  std::int64_t prompts = 32;         // questions a step
  std::int64_t more_prompts = 0;     // rounds of more questions for groups of equal rewards
  std::int64_t renew_reference = 0;  // every so many steps; 0: never
  std::int64_t evaluate_every = 20, evaluation_questions = 200;
  std::int64_t samples = 2;  // answers a step that are written down to be read

  /// Keys: those of QuestionOptions::read and TrainerOptions::read, a section `reward`, and steps,
  /// prompts, group, max_tokens, temperature, top_p, top_k, min_p, stop, sequences, variant,
  /// epochs, minibatches, micro_batch_tokens, clip_low, clip_high, ratio ("token", "sequence"),
  /// ratio_limit, mean ("answer", "batch", "longest"), advantages ("group", "batch", "none",
  /// "paper"), kl_weight, renew_reference, more_prompts, truncated ("count", "mask", "wrong"),
  /// evaluate_every, evaluation_questions, samples.
  static GrpoStageOptions read(const Section& section, const ModelConfig& model);
};

/// Keys max_tokens, group, temperature, top_p, top_k, min_p, stop, sequences; `otherwise` where
/// they are missing.
RolloutOptions read_rollouts(const Section& section, const ModelConfig& model,
                             const RolloutOptions& otherwise);

}  // namespace r1
