// Mixture of experts: which experts a token goes to (DeepSeek-V3 report, section 2.1.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

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

  /// How many of the tokens from `first` on chose each of `count` experts.
  std::vector<std::int64_t> load(std::size_t count, std::int64_t first, std::int64_t tokens) const;
};

/// logits [tokens, experts]; bias [experts] is added for choosing only (undefined: none).
Choices route(const Tensor& logits, const Tensor& bias, const Routing& routing);

/// Sequence-wise balance loss (V3 eq. 17-20) of the tokens [first, first + count): sum over experts
/// of the share of tokens that chose it (1: all alike) times its mean score (the scores of a token
/// divided by their sum). If a tape records, backward adds `weight` times its gradient to that of
/// the logits, as if weight * loss were a part of the loss. The choices count as constants.
double balance_loss(const Tensor& logits, const Choices& choices, const Routing& routing,
                    std::int64_t first, std::int64_t count, float weight);

/// Balancing without a loss (V3 section 2.1.2): after a step, the bias of each expert that had more
/// than the mean of `load` tokens falls by `speed`, that of the others with less rises.
void update_router_bias(Tensor& bias, std::span<const std::int64_t> load, float speed);

}  // namespace r1
