// From hidden states to the log-probabilities of tokens, without the logits of all at once.
#pragma once

#include <span>

#include "base/tensor.h"
#include "ops/linear.h"

namespace r1 {

/// log softmax(head(hidden[i]))[ids[i]] for each row: hidden [rows, width] -> [rows]. The same bits
/// as log_sum_exp() of the row's logits gives. Logits are made for some rows at a time, and again
/// in backward, so that [rows, vocab] never exists.
Tensor log_probabilities(const Tensor& hidden, const Linear& head, std::span<const int> ids);

}  // namespace r1
