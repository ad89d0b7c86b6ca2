// Attention over a paged cache: softmax(q k^T scale) v, block after block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "kernels/matrix.h"

namespace r1 {

/// Positions a cache page holds, and the step in which attention walks the cache.
constexpr std::int64_t kPagePositions = 128;

/// What a position's row in the cache holds for one group of heads: the keys' numbers start at
/// `key`, the values' at `value` (in elements). In MLA the values are the first part of the keys.
struct CacheSlice {
  std::int64_t key = 0, key_dims = 0;
  std::int64_t value = 0, value_dims = 0;
};

/// One sequence's part of an attention call. Token t stands at position first_position + t and sees
/// the positions up to its own; their rows must be in the pages, unused rows must be zero.
struct AttentionSequence {
  const std::byte* const* pages = nullptr;  // kPagePositions rows each
  std::int64_t first_position = 0;
  std::int64_t tokens = 0;
  const float* q = nullptr;  // [tokens][heads][key_dims]
  float* out = nullptr;      // [tokens][heads][value_dims]
  /// [tokens][heads]: log of the sum of exp of the scaled scores; null if not wanted.
  float* log_sum_exp = nullptr;
};

struct AttentionShape {
  DType cache_type = DType::f32;       // f32, bf16 or q8_0
  std::int64_t row_bytes = 0;          // of a cache row
  std::int64_t heads = 0;              // of queries
  std::span<const CacheSlice> groups;  // heads / groups.size() heads share each
  float scale = 1.0f;
};

/// True if attention() rounds to bf16 what it multiplies.
bool rounds_attention(const AttentionShape& shape, Precision precision);

/// Each query is computed from position 0 on in blocks of kPagePositions, in one order whatever
/// else is computed with it, so its bits depend on nothing but its own sequence. With
/// Precision::f32, or where there are no bf16 dot products, products are float; else keys, queries,
/// probabilities and values of a bf16 cache meet in bf16 with float sums.
void attention(std::span<const AttentionSequence> sequences, const AttentionShape& shape,
               Precision precision);

}  // namespace r1
