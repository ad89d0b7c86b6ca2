#include "kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/isa.h"
#include "kernels/panel.h"
#include "kernels/workspace.h"

namespace r1 {
namespace {

using panel::kBf16Chunk;
using panel::kFloatChunk;
using panel::kLanes;
using panel::kPanelRows;

// Queries that share a read of the cache; a multiple of the 6 that are multiplied at a time.
constexpr std::int64_t kQueryTile = 192;
constexpr std::int64_t kScorePanels = kPagePositions / kPanelRows;

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Up to kQueryTile queries of one sequence that see the same group of keys: queries
/// [first, first + count), counting the group's heads within each token.
struct Tile {
  const AttentionSequence* sequence;
  std::size_t group;
  std::int64_t first, count;
};

/// One tile's way through the cache. Scores are [query][128] in two panels of 64 positions, sums
/// are [value dims / 64][query][64].
class TileAttention {
 public:
  TileAttention(const AttentionShape& shape, const Tile& tile, bool bf16)
      : functions_(panel::active_functions()),
        shape_(shape),
        tile_(tile),
        slice_(shape.groups[tile.group]),
        heads_(shape.heads / static_cast<std::int64_t>(shape.groups.size())),
        value_panels_(divide_up(slice_.value_dims, kPanelRows)),
        bf16_(bf16) {}

  void compute();

 private:
  std::int64_t position(std::int64_t query) const {
    return tile_.sequence->first_position + (tile_.first + query) / heads_;
  }
  /// Offset of a query's numbers in [tokens][heads][dims].
  std::int64_t offset(std::int64_t query, std::int64_t dims) const {
    const std::int64_t token = (tile_.first + query) / heads_;
    const std::int64_t head =
        static_cast<std::int64_t>(tile_.group) * heads_ + (tile_.first + query) % heads_;
    return (token * shape_.heads + head) * dims;
  }
  void gather_queries();
  void score(const std::byte* page, std::int64_t first_query);
  void score_bf16(const std::byte* page, std::int64_t first_query);
  void score_floats(const std::byte* page, std::int64_t first_query);
  void shrink_and_weigh(std::int64_t page_start, std::int64_t first_query);
  void add_values(const std::byte* page, std::int64_t first_query);
  /// Numbers [element, element + count) of 64 rows of a page from `row` on, as floats [64][64].
  void read_floats(const std::byte* page, std::int64_t row, std::int64_t element,
                   std::int64_t count, float* out) const;

  const panel::Functions& functions_;
  const AttentionShape& shape_;
  const Tile& tile_;
  const CacheSlice& slice_;
  const std::int64_t heads_;
  const std::int64_t value_panels_;
  const bool bf16_;
  float* queries_ = nullptr;               // [query][key dims], or
  std::uint16_t* queries_bf16_ = nullptr;  // [key dims / 128][query][128]
  float* scores_ = nullptr;                // [kScorePanels][query][64]
  float* weights_ = nullptr;               // [query][128]: the scores' softmax, not yet divided
  float* sums_ = nullptr;
  std::vector<OnlineSoftmax> states_;
};

void TileAttention::gather_queries() {
  const float* q = tile_.sequence->q;
  for (std::int64_t i = 0; i < tile_.count; ++i) {
    const float* from = q + offset(i, slice_.key_dims);
    if (!bf16_) {
      std::copy_n(from, slice_.key_dims, queries_ + i * slice_.key_dims);
      continue;
    }
    for (std::int64_t d = 0; d < slice_.key_dims; d += kBf16Chunk) {
      functions_.round_to_bf16(from + d, std::min(kBf16Chunk, slice_.key_dims - d),
                               queries_bf16_ + (d / kBf16Chunk * tile_.count + i) * kBf16Chunk);
    }
  }
}

void TileAttention::score(const std::byte* page, std::int64_t first_query) {
  std::fill_n(scores_, kScorePanels * tile_.count * kPanelRows, 0.0f);
  if (bf16_) {
    score_bf16(page, first_query);
  } else {
    score_floats(page, first_query);
  }
}

void TileAttention::score_bf16(const std::byte* page, std::int64_t first_query) {
  static thread_local Workspace workspace;
  auto& keys = *workspace.get<panel::Bf16Panel>(1);
  for (std::int64_t half = 0; half < kScorePanels; ++half) {
    panel::Source source = {.data = page + half * kPanelRows * shape_.row_bytes,
                            .row_bytes = shape_.row_bytes,
                            .rows = kPanelRows,
                            .column = 0,
                            .columns = 0,
                            .packed = false,
                            .next = nullptr};
    for (std::int64_t d = 0; d < slice_.key_dims; d += kBf16Chunk) {
      source.column = slice_.key + d;
      source.columns = std::min(kBf16Chunk, slice_.key_dims - d);
      functions_.unpack_bf16(DType::bf16, source, keys);
      functions_.multiply_bf16(
          keys, false, panel::kPanelVectors, source.columns,
          queries_bf16_ + (d / kBf16Chunk * tile_.count + first_query) * kBf16Chunk,
          tile_.count - first_query, scores_ + (half * tile_.count + first_query) * kPanelRows);
    }
  }
}

void TileAttention::read_floats(const std::byte* page, std::int64_t row, std::int64_t element,
                                std::int64_t count, float* out) const {
  for (std::int64_t r = 0; r < kPanelRows; ++r) {
    const std::byte* from = page + (row + r) * shape_.row_bytes;
    if (shape_.cache_type != DType::q8_0) {
      functions_.dequantize(shape_.cache_type, from + bytes_of(shape_.cache_type, element), count,
                            out + r * kFloatChunk);
      continue;
    }
    float blocks[kFloatChunk + 64];
    const std::int64_t begin = element / 32 * 32, end = divide_up(element + count, 32) * 32;
    functions_.dequantize(DType::q8_0, from + bytes_of(DType::q8_0, begin), end - begin, blocks);
    std::copy_n(blocks + (element - begin), count, out + r * kFloatChunk);
  }
}

void TileAttention::score_floats(const std::byte* page, std::int64_t first_query) {
  static thread_local Workspace workspace, panel_workspace;
  float* floats = workspace.get<float>(kPanelRows * kFloatChunk);
  auto& keys = *panel_workspace.get<panel::FloatPanel>(1);
  for (std::int64_t half = 0; half < kScorePanels; ++half) {
    for (std::int64_t d = 0; d < slice_.key_dims; d += kFloatChunk) {
      const std::int64_t count = std::min(kFloatChunk, slice_.key_dims - d);
      read_floats(page, half * kPanelRows, slice_.key + d, count, floats);
      functions_.interleave_floats(floats, keys);
      functions_.multiply_float(keys, panel::kPanelVectors, count,
                                queries_ + first_query * slice_.key_dims + d, slice_.key_dims,
                                tile_.count - first_query,
                                scores_ + (half * tile_.count + first_query) * kPanelRows);
    }
  }
}

/// Scores to probabilities; what was summed before shrinks to the new largest score.
void TileAttention::shrink_and_weigh(std::int64_t page_start, std::int64_t first_query) {
  for (std::int64_t i = first_query; i < tile_.count; ++i) {
    alignas(64) float line[kPagePositions];
    for (std::int64_t half = 0; half < kScorePanels; ++half) {
      std::copy_n(scores_ + (half * tile_.count + i) * kPanelRows, kPanelRows,
                  line + half * kPanelRows);
    }
    const std::int64_t valid = std::min(kPagePositions, position(i) + 1 - page_start);
    const float shrink = online_softmax(line, valid, kPagePositions, shape_.scale,
                                        states_[static_cast<std::size_t>(i)]);
    std::copy_n(line, kPagePositions, weights_ + i * kPagePositions);
    if (shrink == 1.0f) continue;
    for (std::int64_t v = 0; v < value_panels_; ++v) {
      multiply_by(sums_ + (v * tile_.count + i) * kPanelRows, shrink, kPanelRows);
    }
  }
}

void TileAttention::add_values(const std::byte* page, std::int64_t first_query) {
  static thread_local Workspace workspace, panel_workspace, weight_workspace;
  const std::int64_t queries = tile_.count - first_query;
  std::uint16_t* weights = nullptr;
  if (bf16_) {
    weights = weight_workspace.get<std::uint16_t>(queries * kBf16Chunk);
    for (std::int64_t i = 0; i < queries; ++i) {
      functions_.round_to_bf16(weights_ + (first_query + i) * kPagePositions, kPagePositions,
                               weights + i * kBf16Chunk);
    }
  }
  for (std::int64_t v = 0; v < value_panels_; ++v) {
    const std::int64_t dims = std::min(kPanelRows, slice_.value_dims - v * kPanelRows);
    const int vectors = static_cast<int>(divide_up(dims, kLanes));
    const std::int64_t element = slice_.value + v * kPanelRows;
    float* sums = sums_ + (v * tile_.count + first_query) * kPanelRows;
    if (bf16_) {
      auto& values = *panel_workspace.get<panel::Bf16Panel>(1);
      functions_.interleave_bf16_rows(page + 2 * element, shape_.row_bytes, kPagePositions, dims,
                                      values);
      functions_.multiply_bf16(values, false, vectors, kPagePositions, weights, queries, sums);
      continue;
    }
    float* floats = workspace.get<float>(kPanelRows * kFloatChunk);
    auto& values = *panel_workspace.get<panel::FloatPanel>(1);
    for (std::int64_t half = 0; half < kScorePanels; ++half) {
      read_floats(page, half * kPanelRows, element, dims, floats);
      for (std::int64_t d = 0; d < dims; ++d) {
        for (std::int64_t k = 0; k < kPanelRows; ++k) {
          values.w[d / kLanes][k][d % kLanes] = floats[k * kFloatChunk + d];
        }
      }
      functions_.multiply_float(values, vectors, kPanelRows,
                                weights_ + first_query * kPagePositions + half * kPanelRows,
                                kPagePositions, queries, sums);
    }
  }
}

void TileAttention::compute() {
  static thread_local Workspace query_workspace, score_workspace, sum_workspace;
  static_assert(kPagePositions == kBf16Chunk && kPanelRows == kFloatChunk);
  if (bf16_) {
    queries_bf16_ = query_workspace.get<std::uint16_t>(divide_up(slice_.key_dims, kBf16Chunk) *
                                                       tile_.count * kBf16Chunk);
  } else {
    queries_ = query_workspace.get<float>(tile_.count * slice_.key_dims);
  }
  scores_ = score_workspace.get<float>(2 * tile_.count * kPagePositions);
  weights_ = scores_ + tile_.count * kPagePositions;
  sums_ = sum_workspace.get<float>(value_panels_ * tile_.count * kPanelRows);
  std::fill_n(sums_, value_panels_ * tile_.count * kPanelRows, 0.0f);
  states_.assign(static_cast<std::size_t>(tile_.count),
                 {-std::numeric_limits<float>::infinity(), 0.0f});
  gather_queries();
  const std::int64_t last = position(tile_.count - 1);
  for (std::int64_t start = 0; start <= last; start += kPagePositions) {
    // The first queries of the tile may see nothing of this page.
    std::int64_t first_query = 0;
    while (position(first_query) < start) ++first_query;
    const std::byte* page = tile_.sequence->pages[start / kPagePositions];
    score(page, first_query);
    shrink_and_weigh(start, first_query);
    add_values(page, first_query);
  }
  for (std::int64_t i = 0; i < tile_.count; ++i) {
    float* out = tile_.sequence->out + offset(i, slice_.value_dims);
    const OnlineSoftmax& state = states_[static_cast<std::size_t>(i)];
    const float factor = 1.0f / state.sum;
    for (std::int64_t v = 0; v < value_panels_; ++v) {
      const std::int64_t dims = std::min(kPanelRows, slice_.value_dims - v * kPanelRows);
      std::copy_n(sums_ + (v * tile_.count + i) * kPanelRows, dims, out + v * kPanelRows);
    }
    multiply_by(out, factor, slice_.value_dims);
    if (tile_.sequence->log_sum_exp != nullptr) {
      tile_.sequence->log_sum_exp[offset(i, 1)] = state.largest + std::log(state.sum);
    }
  }
}

}  // namespace

bool rounds_attention(const AttentionShape& shape, Precision precision) {
  return precision == Precision::native && shape.cache_type == DType::bf16 && has_bf16_dot();
}

void attention(std::span<const AttentionSequence> sequences, const AttentionShape& shape,
               Precision precision) {
  const bool bf16 = rounds_attention(shape, precision);
  const auto groups = static_cast<std::int64_t>(shape.groups.size());
  std::int64_t all = 0;
  for (const AttentionSequence& sequence : sequences) all += sequence.tokens * shape.heads;
  // Small calls are cut finer, so that every thread has a part.
  const std::int64_t size =
      std::clamp<std::int64_t>(divide_up(all, threads().size()), 1, kQueryTile);
  std::vector<Tile> tiles;
  for (const AttentionSequence& sequence : sequences) {
    for (std::size_t group = 0; group < shape.groups.size(); ++group) {
      const std::int64_t queries = sequence.tokens * (shape.heads / groups);
      for (std::int64_t first = 0; first < queries; first += size) {
        tiles.push_back({&sequence, group, first, std::min(size, queries - first)});
      }
    }
  }
  // The longest first, so that the threads end together.
  std::reverse(tiles.begin(), tiles.end());
  threads().parallel_for(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i, int) {
    TileAttention(shape, tiles[static_cast<std::size_t>(i)], bf16).compute();
  });
}

}  // namespace r1
