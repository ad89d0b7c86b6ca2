// Cross-entropy of the next token: the loss of pre-training and fine-tuning.
#pragma once

#include <cstdint>
#include <span>

#include "learn/packed_pass.h"

namespace r1 {

/// Mean of -log p(next token) over all documents' tokens from the second on; [1].
Tensor next_token_loss(const PackedPass& pass);

/// The same of multi-token prediction (V3 eq. 24), from the third token on.
Tensor prediction_loss(PackedPass& pass);

/// Sums over those tokens that count (PackedPass::log_probabilities), divided by `total`: the
/// tokens that count in all micro-batches of a step, whose losses then add up to the mean over all
/// of them.
Tensor next_token_loss(const PackedPass& pass, std::span<const std::uint8_t> counts,
                       std::int64_t total);
Tensor prediction_loss(PackedPass& pass, std::span<const std::uint8_t> counts, std::int64_t total);

/// a + factor b, both [1].
Tensor joint_loss(const Tensor& a, const Tensor& b, float factor);

}  // namespace r1
