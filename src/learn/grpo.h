// Reinforcement learning from verified answers: GRPO (DeepSeekMath, R1) and its variants.
#pragma once

#include <memory>

#include "learn/stage.h"

namespace r1 {

/// R1's objective: groups of answers to the questions of tasks, advantages within the group, the
/// clipped ratio and a divergence from a reference. variant "dapo", "dr_grpo" or "gspo" set what
/// differs in them; each of the settings can be given by itself.
std::unique_ptr<Stage> make_grpo(const Section& section, const ModelConfig& model);

}  // namespace r1
