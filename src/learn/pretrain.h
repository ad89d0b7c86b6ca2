// Pre-training: the next token of plain text, every token counting (DeepSeek-V3 report, 4.2).
#pragma once

#include <memory>

#include "learn/stage.h"

namespace r1 {

/// V3's settings: betas 0.9 and 0.95, decay 0.1, clip 1; with experts bias_speed 0.001 and
/// balance_weight 1e-4; mtp_weight 0.3 where the model has the layer. Long documents are cut.
std::unique_ptr<Stage> make_pretrain(const Section& section, const ModelConfig& model);

}  // namespace r1
