// Mixture of experts: what the chosen networks answer.
#pragma once

#include <span>

#include "base/tensor.h"
#include "ops/linear.h"
#include "ops/router.h"

namespace r1 {

/// One gated feed-forward network.
struct FeedForward {
  Linear gate, up, down;
};

/// down(silu(gate(x)) * up(x)).
Tensor feed_forward(const Tensor& x, const FeedForward& network);

/// Sum over a token's experts, in the order of rank, of weight * expert(x). Tokens of one expert
/// are computed together; the weights of experts that nobody chose are not touched.
Tensor experts(const Tensor& x, const Choices& choices, std::span<const FeedForward> networks);

}  // namespace r1
