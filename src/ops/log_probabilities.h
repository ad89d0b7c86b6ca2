// From hidden states to the log-probabilities of tokens, without the logits of all at once.
#pragma once

#include <span>

#include "base/tensor.h"
#include "ops/linear.h"
#include "ops/token_distribution.h"

namespace r1 {

/// log p(ids[i]) for each row of hidden [rows, width] -> [rows], where p is softmax(head(hidden[i])
/// / temperature) over the ids that were kept: the same bits as log_total() and log_probability()
/// of the row's logits give. `distribution.kept` has an entry a row. Logits are made for some rows
/// at a time, and again in backward, so that [rows, vocab] never exists.
Tensor log_probabilities(const Tensor& hidden, const Linear& head, std::span<const int> ids,
                         const TokenDistribution& distribution = {});

}  // namespace r1
