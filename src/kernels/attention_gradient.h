// Gradient of attention over a paged cache (Dao et al., FlashAttention, algorithm 4): probabilities
// are computed again from the cache and the logarithms that the forward left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention.h"

namespace r1 {

/// One sequence that was computed whole, from position 0. Gradients are added.
struct AttentionGradientSequence {
  const std::byte* const* pages = nullptr;  // as the forward read them
  std::int64_t tokens = 0;
  const float* q = nullptr;             // [tokens][heads][key_dims]
  const float* out = nullptr;           // [tokens][heads][value_dims]
  const float* log_sum_exp = nullptr;   // [tokens][heads]
  const float* out_gradient = nullptr;  // as out
  float* q_gradient = nullptr;          // as q
  float* row_gradient = nullptr;        // [tokens][row_elements]: by the numbers that were appended
};

/// The gradient passes through the rounding to the cache's type as if there were none. Products are
/// float or bf16 as attention()'s. Each gradient is summed in one order: over queries (or keys)
/// from the first on, then over the heads of a group.
void attention_gradient(std::span<const AttentionGradientSequence> sequences,
                        const AttentionShape& shape, std::int64_t row_elements,
                        Precision precision);

}  // namespace r1
