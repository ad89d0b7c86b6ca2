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

// Queries that share a read of the cache, and those of them that meet a page at a time, so that
// scores and weights lie in the first-level cache; multiples of the 6 that are multiplied at a
// time.
constexpr std::int64_t kQueryTile = 192, kQueryBlock = 48;
constexpr std::int64_t kHalves = kPagePositions / kPanelRows;

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

/// One tile's way through the cache, page after page, of which a query's sums take no more halves
/// than hold a position that it sees. Sums are [value dims / 64][query][64].
class TileAttention {
 public:
  TileAttention(const AttentionShape& shape, const Tile& tile, bool bf16)
      : functions_(panel::active_functions()),
        shape_(shape),
        tile_(tile),
        slice_(shape.groups[tile.group]),
        heads_(shape.heads / static_cast<std::int64_t>(shape.groups.size())),
        key_chunks_(divide_up(slice_.key_dims, bf16 ? kBf16Chunk : kFloatChunk)),
        value_panels_(divide_up(slice_.value_dims, kPanelRows)),
        bf16_(bf16) {}

  void compute();

 private:
  std::int64_t position(std::int64_t query) const {
    return tile_.sequence->first_position + (tile_.first + query) / heads_;
  }
  /// The first query that stands at the position or after it, count if none does.
  std::int64_t first_at(std::int64_t position) const {
    const std::int64_t token = position - tile_.sequence->first_position;
    return std::clamp<std::int64_t>(token * heads_ - tile_.first, 0, tile_.count);
  }
  /// Offset of a query's numbers in [tokens][heads][dims].
  std::int64_t offset(std::int64_t query, std::int64_t dims) const {
    const std::int64_t token = (tile_.first + query) / heads_;
    const std::int64_t head =
        static_cast<std::int64_t>(tile_.group) * heads_ + (tile_.first + query) % heads_;
    return (token * shape_.heads + head) * dims;
  }
  /// What the positions of a page count for each query of a block.
  union Weights {
    alignas(64) float floats[kQueryBlock][kPagePositions];
    alignas(64) std::uint16_t rounded[kQueryBlock][kBf16Chunk];
  };
  void gather_queries();
  /// The page's keys and values as panels: of its first half alone if nobody sees the second.
  void take_page_bf16(const std::byte* page, std::int64_t halves);
  void take_page_floats(const std::byte* page, std::int64_t halves);
  void score(std::int64_t half, std::int64_t query, std::int64_t count, float* scores) const;
  void weigh(std::int64_t page_start, std::int64_t query, std::int64_t count, const float* scores,
             Weights& weights);
  void add_values(std::int64_t halves, std::int64_t query, std::int64_t count,
                  const Weights& weights) const;
  void give_results() const;
  /// Numbers [element, element + count) of 64 rows of a page from `row` on, as floats [64][64].
  void read_floats(const std::byte* page, std::int64_t row, std::int64_t element,
                   std::int64_t count, float* out) const;

  const panel::Functions& functions_;
  const AttentionShape& shape_;
  const Tile& tile_;
  const CacheSlice& slice_;
  const std::int64_t heads_;
  const std::int64_t key_chunks_;
  const std::int64_t value_panels_;
  const bool bf16_;
  float* queries_ = nullptr;                 // [query][key dims], or
  std::uint16_t* queries_bf16_ = nullptr;    // [key dims / 128][query][128]
  panel::FloatPanel* keys_ = nullptr;        // [kHalves][key chunk], or
  panel::Bf16Panel* keys_bf16_ = nullptr;    // the same
  panel::FloatPanel* values_ = nullptr;      // [value dims / 64][kHalves], or
  panel::Bf16Panel* values_bf16_ = nullptr;  // [value dims / 64]
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

void TileAttention::take_page_bf16(const std::byte* page, std::int64_t halves) {
  for (std::int64_t half = 0; half < halves; ++half) {
    panel::Source source = {.data = page + half * kPanelRows * shape_.row_bytes,
                            .row_bytes = shape_.row_bytes,
                            .rows = kPanelRows,
                            .column = 0,
                            .columns = 0,
                            .packed = false,
                            .next = nullptr};
    for (std::int64_t chunk = 0; chunk < key_chunks_; ++chunk) {
      source.column = slice_.key + chunk * kBf16Chunk;
      source.columns = std::min(kBf16Chunk, slice_.key_dims - chunk * kBf16Chunk);
      functions_.unpack_bf16(DType::bf16, source, keys_bf16_[half * key_chunks_ + chunk]);
    }
  }
  for (std::int64_t v = 0; v < value_panels_; ++v) {
    functions_.interleave_bf16_rows(
        page + 2 * (slice_.value + v * kPanelRows), shape_.row_bytes, halves * kPanelRows,
        std::min(kPanelRows, slice_.value_dims - v * kPanelRows), values_bf16_[v]);
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

void TileAttention::take_page_floats(const std::byte* page, std::int64_t halves) {
  alignas(64) float floats[kPanelRows * kFloatChunk];
  for (std::int64_t half = 0; half < halves; ++half) {
    for (std::int64_t chunk = 0; chunk < key_chunks_; ++chunk) {
      const std::int64_t d = chunk * kFloatChunk;
      read_floats(page, half * kPanelRows, slice_.key + d,
                  std::min(kFloatChunk, slice_.key_dims - d), floats);
      functions_.interleave_floats(floats, keys_[half * key_chunks_ + chunk]);
    }
    for (std::int64_t v = 0; v < value_panels_; ++v) {
      const std::int64_t dims = std::min(kPanelRows, slice_.value_dims - v * kPanelRows);
      read_floats(page, half * kPanelRows, slice_.value + v * kPanelRows, dims, floats);
      panel::FloatPanel& values = values_[v * kHalves + half];
      for (std::int64_t d = 0; d < dims; ++d) {
        for (std::int64_t k = 0; k < kPanelRows; ++k) {
          values.w[d / kLanes][k][d % kLanes] = floats[k * kFloatChunk + d];
        }
      }
    }
  }
}

/// scores [count][64] of the positions of a half of the page.
void TileAttention::score(std::int64_t half, std::int64_t query, std::int64_t count,
                          float* scores) const {
  std::fill_n(scores, count * kPanelRows, 0.0f);
  if (bf16_) {
    functions_.multiply_bf16(&keys_bf16_[half * key_chunks_], false, panel::kPanelVectors,
                             slice_.key_dims, queries_bf16_ + query * kBf16Chunk,
                             tile_.count * kBf16Chunk, count, scores);
    return;
  }
  for (std::int64_t chunk = 0; chunk < key_chunks_; ++chunk) {
    const std::int64_t d = chunk * kFloatChunk;
    functions_.multiply_float(keys_[half * key_chunks_ + chunk], panel::kPanelVectors,
                              std::min(kFloatChunk, slice_.key_dims - d),
                              queries_ + query * slice_.key_dims + d, slice_.key_dims, count,
                              scores);
  }
}

/// Scores [kHalves][kQueryBlock][64] become weights, the scores' softmax that isn't divided yet;
/// what was summed before shrinks to the new largest score.
void TileAttention::weigh(std::int64_t page_start, std::int64_t query, std::int64_t count,
                          const float* scores, Weights& weights) {
  for (std::int64_t i = 0; i < count; ++i) {
    alignas(64) float aside[kPagePositions];
    float* line = bf16_ ? aside : weights.floats[i];
    const std::int64_t valid = std::min(kPagePositions, position(query + i) + 1 - page_start);
    for (std::int64_t half = 0; half * kPanelRows < valid; ++half) {
      std::copy_n(scores + (half * kQueryBlock + i) * kPanelRows, kPanelRows,
                  line + half * kPanelRows);
    }
    const float shrink = online_softmax(line, valid, kPagePositions, shape_.scale,
                                        states_[static_cast<std::size_t>(query + i)]);
    if (bf16_) functions_.round_to_bf16(line, kPagePositions, weights.rounded[i]);
    if (shrink == 1.0f) continue;
    for (std::int64_t v = 0; v < value_panels_; ++v) {
      multiply_by(sums_ + (v * tile_.count + query + i) * kPanelRows, shrink, kPanelRows);
    }
  }
}

void TileAttention::add_values(std::int64_t halves, std::int64_t query, std::int64_t count,
                               const Weights& weights) const {
  for (std::int64_t v = 0; v < value_panels_; ++v) {
    const std::int64_t dims = std::min(kPanelRows, slice_.value_dims - v * kPanelRows);
    const int vectors = static_cast<int>(divide_up(dims, kLanes));
    float* sums = sums_ + (v * tile_.count + query) * kPanelRows;
    if (bf16_) {
      functions_.multiply_bf16(&values_bf16_[v], false, vectors, halves * kPanelRows,
                               weights.rounded[0], 0, count, sums);
      continue;
    }
    for (std::int64_t half = 0; half < halves; ++half) {
      functions_.multiply_float(values_[v * kHalves + half], vectors, kPanelRows,
                                weights.floats[0] + half * kPanelRows, kPagePositions, count, sums);
    }
  }
}

void TileAttention::compute() {
  static thread_local Workspace query_workspace, key_workspace, value_workspace, sum_workspace;
  static_assert(kPagePositions == kBf16Chunk && kPanelRows == kFloatChunk);
  if (bf16_) {
    queries_bf16_ = query_workspace.get<std::uint16_t>(key_chunks_ * tile_.count * kBf16Chunk);
    keys_bf16_ = key_workspace.get<panel::Bf16Panel>(kHalves * key_chunks_);
    values_bf16_ = value_workspace.get<panel::Bf16Panel>(value_panels_);
  } else {
    queries_ = query_workspace.get<float>(tile_.count * slice_.key_dims);
    keys_ = key_workspace.get<panel::FloatPanel>(kHalves * key_chunks_);
    values_ = value_workspace.get<panel::FloatPanel>(kHalves * value_panels_);
  }
  sums_ = sum_workspace.get<float>(value_panels_ * tile_.count * kPanelRows);
  std::fill_n(sums_, value_panels_ * tile_.count * kPanelRows, 0.0f);
  states_.assign(static_cast<std::size_t>(tile_.count),
                 {-std::numeric_limits<float>::infinity(), 0.0f});
  gather_queries();
  const std::int64_t last = position(tile_.count - 1);
  for (std::int64_t start = 0; start <= last; start += kPagePositions) {
    const std::byte* page = tile_.sequence->pages[start / kPagePositions];
    const std::int64_t whole = first_at(start + kPanelRows);  // from here on both halves are seen
    const std::int64_t halves = whole < tile_.count ? kHalves : 1;
    bf16_ ? take_page_bf16(page, halves) : take_page_floats(page, halves);
    alignas(64) float scores[kHalves * kQueryBlock * kPanelRows];
    Weights weights;
    const auto meet = [&](std::int64_t begin, std::int64_t end, std::int64_t seen) {
      for (std::int64_t query = begin; query < end; query += kQueryBlock) {
        const std::int64_t count = std::min(kQueryBlock, end - query);
        for (std::int64_t half = 0; half < seen; ++half) {
          score(half, query, count, scores + half * kQueryBlock * kPanelRows);
        }
        weigh(start, query, count, scores, weights);
        add_values(seen, query, count, weights);
      }
    };
    meet(first_at(start), whole, 1);
    meet(whole, tile_.count, kHalves);
  }
  give_results();
}

void TileAttention::give_results() const {
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
      std::clamp<std::int64_t>(divide_up(all, threads().sharing()), 1, kQueryTile);
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
