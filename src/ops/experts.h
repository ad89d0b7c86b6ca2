// Mixture of experts: which experts a token goes to, and what they answer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "ops/linear.h"

namespace r1 {

/// How scores become choices (DeepSeek-V3's Gate; V2's group-limited softmax).
struct Routing {
  bool sigmoid = true;  // else softmax
  std::int64_t groups = 1, kept_groups = 1;
  bool group_by_two_best = true;  // a group's score: the sum of its two best, else its best
  std::int64_t experts_a_token = 1;
  bool normalise = true;  // weights divided by their sum
  float scaling = 1.0f;
};

/// A token's experts in the order of their rank, best first.
struct Choices {
  std::int64_t experts_a_token = 0;
  std::vector<int> experts;  // [tokens][experts_a_token]
  Tensor weights;            // [tokens, experts_a_token]
};

/// logits [tokens, experts]; bias [experts] is added for choosing only (undefined: none).
Choices route(const Tensor& logits, const Tensor& bias, const Routing& routing);

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
