// One run through a model: which tokens of which sequences, and the cache they see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/tensor.h"
#include "kernels/attention.h"
#include "ops/rope.h"
#include "ops/router.h"

namespace r1 {

/// What a model keeps of each position, a row a layer.
struct CacheShape {
  DType type = DType::bf16;  // f32, bf16 or q8_0
  std::int64_t layers = 0;
  std::int64_t row_elements = 0;

  std::int64_t row_bytes() const { return bytes_of(type, row_elements); }
  /// A page holds kPagePositions rows of every layer, layer after layer.
  std::int64_t page_bytes() const { return layers * kPagePositions * row_bytes(); }
};

/// One sequence's cache: pages in the order of positions. Pages may be shared between sequences as
/// far as they are full; rows that no position has used are zero.
struct SequenceCache {
  std::vector<std::byte*> pages;
};

/// Tokens [first, first + count) of a pass are those of one sequence from `position` on.
struct PassSpan {
  std::int64_t first = 0, count = 0;
  std::int64_t position = 0;
  SequenceCache* cache = nullptr;  // with pages for all positions of the span
  /// An earlier span of the same pass, from position 0, which computes the positions before this
  /// one's: whole pages of its cache are shared. -1: they are in the cache already.
  std::int64_t prefix = -1;
};

/// What a trainer wants of the routers of a pass.
struct RouterWatch {
  /// Of each layer's balance loss in the whole loss: backward adds its gradient.
  float balance_weight = 0.0f;
  double balance_loss = 0.0;                    // summed over layers, mean over sequences
  std::vector<std::vector<std::int64_t>> load;  // [layer][expert]: tokens that chose it
};

struct Pass {
  std::vector<int> ids;
  std::vector<PassSpan> spans;
  CacheShape cache_shape;
  Precision precision = Precision::native;
  RopeAngles angles;  // set by the model
  /// Keep only each layer's input for backward, which computes the rest once more.
  bool recompute = false;
  RouterWatch* routers = nullptr;
  /// What append() got for each layer, where attend()'s gradient by keys and values goes.
  std::vector<Gradient> row_gradients;

  std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
  /// Adds the next tokens of a sequence.
  void add(const std::vector<int>& tokens, std::int64_t position, SequenceCache& cache);
  /// Adds a sequence that goes on where the span `prefix` of this pass ends. `cache` begins with
  /// the whole pages of the prefix's.
  void add_after(std::int64_t prefix, const std::vector<int>& tokens, SequenceCache& cache);
  /// The position of each token.
  std::vector<std::int64_t> positions() const;
  /// Rounds rows [tokens, row_elements] to the cache's type and keeps them.
  void append(std::int64_t layer, const Tensor& rows);
  /// What a layer's cache holds of a span's sequence up to the span's end, as floats
  /// [positions, row_elements].
  Tensor cached(std::int64_t layer, const PassSpan& span) const;
  /// Attention of q [tokens, heads, key_dims] over what the layer's cache holds:
  /// [tokens, heads, value_dims]. If a tape records, each span must begin at position 0 or have a
  /// prefix in the pass, and its pages must live until backward; its gradient passes the rounding
  /// as if there were none.
  Tensor attend(std::int64_t layer, const Tensor& q, const std::vector<CacheSlice>& groups,
                float scale) const;
  /// block(x), one layer of a model. The pass and what the block refers to must live until
  /// backward.
  Tensor layer(const Tensor& x, const std::function<Tensor(const Tensor&)>& block);
  /// Tells the trainer, if one watches, how a layer's router chose.
  void watch_routing(std::int64_t layer, const Tensor& logits, const Choices& choices,
                     const Routing& routing);

 private:
  bool again_ = false;  // a layer is computed once more, for backward
};

}  // namespace r1
