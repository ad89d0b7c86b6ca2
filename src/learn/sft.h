// Supervised fine-tuning: the answers of given conversations, prompts not counting.
#pragma once

#include <memory>

#include "learn/stage.h"

namespace r1 {

/// 2 epochs of 32 documents a step, rate 1e-5, no decay of the weights.
std::unique_ptr<Stage> make_sft(const Section& section, const ModelConfig& model);

}  // namespace r1
