#include "kernels/attention_gradient.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"
#include "kernels/isa.h"
#include "kernels/operands.h"
#include "kernels/workspace.h"

namespace r1 {
namespace {

using panel::kLanes;
using panel::kPanelRows;

constexpr std::int64_t kTile = kPagePositions;  // queries, and keys, that meet at a time
constexpr std::int64_t kHalves = kTile / kPanelRows;
constexpr std::int64_t kKeyBlock = 48;  // keys that meet 64 queries in the first-level cache

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Some heads of one sequence that share their keys, and the pages [first_page, last_page) of
/// these, and where the gradients go: each part has its own memory, so that what parts share is
/// added in order.
struct Part {
  const AttentionGradientSequence* sequence;
  std::int64_t head, heads;  // the first, and how many
  std::int64_t first_page, last_page;
  float* keys = nullptr;     // [tokens][key_dims], set for the pages' tokens
  float* values = nullptr;   // [tokens][value_dims], likewise
  float* queries = nullptr;  // [heads][tokens][key_dims], set from the first page's first token on

  std::int64_t floats(const CacheSlice& slice) const {
    return sequence->tokens * ((heads + 1) * slice.key_dims + slice.value_dims);
  }
};

/// What the heads from `head` on see of the cache.
const CacheSlice& slice_of(const AttentionShape& shape, std::int64_t head) {
  const auto groups = static_cast<std::int64_t>(shape.groups.size());
  return shape.groups[static_cast<std::size_t>(head * groups / shape.heads)];
}

/// Scores are computed with keys as rows and queries as lanes, so that probabilities and their
/// gradients come out as the operands of the next products: rows of queries for the sums over
/// queries, and columns of them, interleaved, for the sums over keys. Tiles of queries are counted
/// through the part's heads, each of which has tiles of its own.
template <typename Form>
class PartGradient {
 public:
  PartGradient(const AttentionShape& shape, const Part& part)
      : functions_(panel::active_functions()),
        shape_(shape),
        slice_(slice_of(shape, part.head)),
        part_(part),
        tokens_(part.sequence->tokens),
        tiles_(divide_up(tokens_, kTile)),
        padded_(tiles_ * kTile) {}

  void compute();

 private:
  using Number = typename Form::Number;
  using Panel = typename Form::Panel;
  static constexpr std::int64_t kChunks = kTile / Form::kChunk;  // of the queries of a tile

  /// What one of the two products of a query has as its other side: q with the keys, or the
  /// output's gradient with the values.
  struct Side {
    std::int64_t dims = 0, chunks = 0, panels = 0;  // chunks and panels of 64 of the dims
    Panel* queries = nullptr;                       // [64 queries][chunk]: lanes are queries
    Panel* columns = nullptr;                       // [kChunk queries][64 dims]: lanes are dims
    Number* rows = nullptr;                         // of a page: [chunk][128 keys][kChunk]
    float* sums = nullptr;                          // of a page: [64 dims][128 keys][64]
  };

  void allocate();
  void prepare(std::int64_t head, const float* from, const Side& side) const;
  void prepare_totals(std::int64_t head);
  void read_page(std::int64_t tile, std::int64_t element, const Side& side, float* floats);
  void start_page(std::int64_t tile);
  void weigh(std::int64_t query_tile, std::int64_t key_tile);
  void weigh_block(std::int64_t query_tile, std::int64_t half, std::int64_t key_tile,
                   std::int64_t key, std::int64_t count);
  void sum_over_queries(std::int64_t tile, const Number* x, const Side& side) const;
  void sum_over_keys(std::int64_t tile, std::int64_t key_tile);
  void finish_page(std::int64_t tile, const Side& side, float* out) const;
  void finish_queries() const;
  std::int64_t in_tile(std::int64_t tile) const {
    return std::min(kTile, tokens_ - tile % tiles_ * kTile);
  }
  /// How many of the page's keys any query of the half of a tile sees.
  std::int64_t keys_seen(std::int64_t query_tile, std::int64_t half, std::int64_t key_tile) const {
    return query_tile % tiles_ == key_tile ? std::min(keys_, (half + 1) * kPanelRows) : keys_;
  }
  /// Where a key's pairs with the 64 queries of a half stand in weights_ and slopes_.
  static std::int64_t pair(std::int64_t key, std::int64_t half) {
    const std::int64_t query = half * kPanelRows;
    return (query / Form::kChunk * kTile + key) * Form::kChunk + query % Form::kChunk;
  }

  const panel::Functions& functions_;
  const AttentionShape& shape_;
  const CacheSlice& slice_;
  const Part& part_;
  const std::int64_t tokens_, tiles_, padded_;  // of a head; padded: tokens of whole tiles
  std::int64_t keys_ = 0;                       // in the page at hand
  Side score_, context_;
  float* log_totals_ = nullptr;    // [head][query]
  float* mean_dps_ = nullptr;      // [head][query]
  Number* key_columns_ = nullptr;  // of a page: [kChunk keys][key dim][kChunk]
  Number* weights_ = nullptr;      // [chunk of queries][128 keys][kChunk]
  Number* slopes_ = nullptr;       // as weights
  float* query_sums_ = nullptr;    // [head][64 queries][key dim][64]
};

/// A head's queries (or output gradients) in both panel forms; `head` counts within the part.
template <typename Form>
void PartGradient<Form>::prepare(std::int64_t head, const float* from, const Side& side) const {
  const std::int64_t dims = side.dims, stride = shape_.heads * dims;
  from += (part_.head + head) * dims;
  Panel* queries = side.queries + head * padded_ / kPanelRows * side.chunks;
  for (std::int64_t query = 0; query < tokens_; query += kPanelRows) {
    for (std::int64_t chunk = 0; chunk < side.chunks; ++chunk) {
      const std::int64_t first = chunk * Form::kChunk;
      Form::rows_to_panel(
          functions_, from + query * stride + first, stride, std::min(kPanelRows, tokens_ - query),
          std::min(Form::kChunk, dims - first), queries[query / kPanelRows * side.chunks + chunk]);
    }
  }
  Panel* columns = side.columns + head * padded_ / Form::kChunk * side.panels;
  for (std::int64_t query = 0; query < tokens_; query += Form::kChunk) {
    for (std::int64_t p = 0; p < side.panels; ++p) {
      Form::columns_to_panel(functions_, from + query * stride + p * kPanelRows, stride,
                             std::min(kPanelRows, dims - p * kPanelRows),
                             std::min(Form::kChunk, tokens_ - query),
                             columns[query / Form::kChunk * side.panels + p]);
    }
  }
}

/// What each query's softmax was divided by, and the mean of its weights' gradients.
template <typename Form>
void PartGradient<Form>::prepare_totals(std::int64_t head) {
  const AttentionGradientSequence& sequence = *part_.sequence;
  for (std::int64_t query = 0; query < tokens_; ++query) {
    const std::int64_t at = query * shape_.heads + part_.head + head;
    log_totals_[head * padded_ + query] = sequence.log_sum_exp[at];
    mean_dps_[head * padded_ + query] =
        dot(sequence.out + at * context_.dims, sequence.out_gradient + at * context_.dims,
            context_.dims);
  }
}

/// Numbers [element, element + dims) of the page's rows, as floats [keys][dims], and rounded.
template <typename Form>
void PartGradient<Form>::read_page(std::int64_t tile, std::int64_t element, const Side& side,
                                   float* floats) {
  static thread_local Workspace workspace;
  const DType type = shape_.cache_type;
  const std::int64_t block = info(type).block, begin = element / block * block;
  const std::int64_t count = divide_up(element + side.dims, block) * block - begin;
  float* row = workspace.get<float>(count);
  for (std::int64_t key = 0; key < keys_; ++key) {
    const std::byte* from = part_.sequence->pages[tile] + key * shape_.row_bytes;
    functions_.dequantize(type, from + bytes_of(type, begin), count, row);
    std::copy_n(row + (element - begin), side.dims, floats + key * side.dims);
    for (std::int64_t chunk = 0; chunk < side.chunks; ++chunk) {
      const std::int64_t first = chunk * Form::kChunk;
      Form::round(functions_, floats + key * side.dims + first,
                  std::min(Form::kChunk, side.dims - first),
                  side.rows + (chunk * kTile + key) * Form::kChunk);
    }
  }
}

template <typename Form>
void PartGradient<Form>::start_page(std::int64_t tile) {
  static thread_local Workspace workspace;
  keys_ = in_tile(tile);
  float* floats = workspace.get<float>(kTile * std::max(score_.dims, context_.dims));
  read_page(tile, slice_.value, context_, floats);
  read_page(tile, slice_.key, score_, floats);
  for (std::int64_t key = 0; key < keys_; key += Form::kChunk) {
    panel::round_columns<Form>(functions_, floats + key * score_.dims, score_.dims,
                               std::min(Form::kChunk, keys_ - key), score_.dims,
                               key_columns_ + key * score_.dims);
  }
  for (const Side* side : {&score_, &context_}) {
    std::fill_n(side->sums, side->panels * kTile * kPanelRows, 0.0f);
  }
}

/// Probabilities and the gradients by the scores, of all pairs of a tile of queries and the page.
template <typename Form>
void PartGradient<Form>::weigh(std::int64_t query_tile, std::int64_t key_tile) {
  for (std::int64_t half = 0; half * kPanelRows < in_tile(query_tile); ++half) {
    const std::int64_t seen = keys_seen(query_tile, half, key_tile);
    for (std::int64_t key = 0; key < seen; key += kKeyBlock) {
      weigh_block(query_tile, half, key_tile, key, std::min(kKeyBlock, seen - key));
    }
    for (std::int64_t key = seen; key < keys_; ++key) {
      std::fill_n(weights_ + pair(key, half), kPanelRows, Number{});
      std::fill_n(slopes_ + pair(key, half), kPanelRows, Number{});
    }
  }
}

/// Of `count` keys, from `key` of the page on, and the 64 queries of a half of the tile.
template <typename Form>
void PartGradient<Form>::weigh_block(std::int64_t query_tile, std::int64_t half,
                                     std::int64_t key_tile, std::int64_t key, std::int64_t count) {
  alignas(64) float scores[kKeyBlock * kPanelRows], dps[kKeyBlock * kPanelRows];
  const std::int64_t lanes = std::min(kPanelRows, in_tile(query_tile) - half * kPanelRows);
  const auto multiply = [&](const Side& side, float* y) {
    std::fill_n(y, count * kPanelRows, 0.0f);
    Form::multiply(functions_, &side.queries[(query_tile * kHalves + half) * side.chunks],
                   static_cast<int>(divide_up(lanes, kLanes)), side.dims,
                   side.rows + key * Form::kChunk, kTile * Form::kChunk, count, y);
  };
  multiply(score_, scores);
  multiply(context_, dps);
  const std::int64_t query = query_tile * kTile + half * kPanelRows;
  const std::int64_t position = query_tile % tiles_ * kTile + half * kPanelRows;
  for (std::int64_t i = 0; i < count; ++i) {
    alignas(64) float weights[kPanelRows], slopes[kPanelRows];
    // A query sees the key if it doesn't stand before it.
    const std::int64_t first = key_tile * kTile + key + i - position;
    attention_weights_gradient(scores + i * kPanelRows, dps + i * kPanelRows,
                               {log_totals_ + query, mean_dps_ + query, shape_.scale},
                               std::clamp<std::int64_t>(first, 0, kPanelRows), lanes, kPanelRows,
                               weights, slopes);
    Form::round(functions_, weights, kPanelRows, weights_ + pair(key + i, half));
    Form::round(functions_, slopes, kPanelRows, slopes_ + pair(key + i, half));
  }
}

/// The page's keys (x: slopes) or values (x: weights): sums over the queries of a tile.
template <typename Form>
void PartGradient<Form>::sum_over_queries(std::int64_t tile, const Number* x,
                                          const Side& side) const {
  for (std::int64_t p = 0; p < side.panels; ++p) {
    const std::int64_t dims = std::min(kPanelRows, side.dims - p * kPanelRows);
    for (std::int64_t chunk = 0; chunk * Form::kChunk < in_tile(tile); ++chunk) {
      Form::multiply(functions_, &side.columns[(tile * kChunks + chunk) * side.panels + p],
                     static_cast<int>(divide_up(dims, kLanes)),
                     std::min(Form::kChunk, in_tile(tile) - chunk * Form::kChunk),
                     x + chunk * kTile * Form::kChunk, 0, keys_,
                     side.sums + p * kTile * kPanelRows);
    }
  }
}

/// The queries of a tile: sums over the page's keys.
template <typename Form>
void PartGradient<Form>::sum_over_keys(std::int64_t tile, std::int64_t key_tile) {
  static thread_local Workspace workspace;
  Panel& panel = *workspace.get<Panel>(1);
  for (std::int64_t query = 0; query < in_tile(tile); query += kPanelRows) {
    const std::int64_t lanes = std::min(kPanelRows, in_tile(tile) - query);
    const std::int64_t seen = keys_seen(tile, query / kPanelRows, key_tile);
    for (std::int64_t key = 0; key < seen; key += Form::kChunk) {
      const std::int64_t depth = std::min(Form::kChunk, seen - key);
      const Number* from = slopes_ + (query / Form::kChunk * kTile + key) * Form::kChunk;
      Form::interleave(functions_, from + query % Form::kChunk, Form::kChunk, lanes, depth, panel);
      Form::multiply(functions_, &panel, static_cast<int>(divide_up(lanes, kLanes)), depth,
                     key_columns_ + key * score_.dims, 0, score_.dims,
                     query_sums_ + (tile * kTile + query) * score_.dims);
    }
  }
}

template <typename Form>
void PartGradient<Form>::finish_page(std::int64_t tile, const Side& side, float* out) const {
  for (std::int64_t key = 0; key < keys_; ++key) {
    for (std::int64_t p = 0; p < side.panels; ++p) {
      std::copy_n(side.sums + (p * kTile + key) * kPanelRows,
                  std::min(kPanelRows, side.dims - p * kPanelRows),
                  out + (tile * kTile + key) * side.dims + p * kPanelRows);
    }
  }
}

template <typename Form>
void PartGradient<Form>::finish_queries() const {
  const std::int64_t dims = score_.dims;
  for (std::int64_t head = 0; head < part_.heads; ++head) {
    for (std::int64_t query = part_.first_page * kTile; query < tokens_; query += kPanelRows) {
      const std::int64_t count = std::min(kPanelRows, tokens_ - query);
      const float* from = query_sums_ + (head * padded_ + query) * dims;
      for (std::int64_t i = 0; i < count; ++i) {
        float* to = part_.queries + (head * tokens_ + query + i) * dims;
        for (std::int64_t d = 0; d < dims; ++d) to[d] = from[d * kPanelRows + i];
      }
    }
  }
}

template <typename Form>
void PartGradient<Form>::allocate() {
  static thread_local Workspace panels[4], numbers[5], floats[4];
  const std::int64_t padded = part_.heads * padded_;
  std::size_t next_panels = 0, next_numbers = 0, next_floats = 0;
  const auto make_floats = [&](std::int64_t count) {
    float* memory = floats[next_floats++].get<float>(count);
    std::fill_n(memory, count, 0.0f);
    return memory;
  };
  const auto make_numbers = [&](std::int64_t count) {
    return numbers[next_numbers++].get<Number>(count);
  };
  const auto make_side = [&](std::int64_t dims) {
    Side side = {dims, divide_up(dims, Form::kChunk), divide_up(dims, kPanelRows), {}, {}, {}, {}};
    side.queries = panels[next_panels++].get<Panel>(padded / kPanelRows * side.chunks);
    side.columns = panels[next_panels++].get<Panel>(padded / Form::kChunk * side.panels);
    side.rows = make_numbers(side.chunks * kTile * Form::kChunk);
    side.sums = make_floats(side.panels * kTile * kPanelRows);
    return side;
  };
  score_ = make_side(slice_.key_dims);
  context_ = make_side(slice_.value_dims);
  log_totals_ = make_floats(2 * padded);
  mean_dps_ = log_totals_ + padded;
  query_sums_ = make_floats(padded * score_.dims);
  key_columns_ = make_numbers(kTile * score_.dims);
  weights_ = make_numbers(kTile * kTile);
  slopes_ = make_numbers(kTile * kTile);
}

template <typename Form>
void PartGradient<Form>::compute() {
  allocate();
  for (std::int64_t head = 0; head < part_.heads; ++head) {
    prepare(head, part_.sequence->q, score_);
    prepare(head, part_.sequence->out_gradient, context_);
    prepare_totals(head);
  }
  for (std::int64_t page = part_.first_page; page < part_.last_page; ++page) {
    start_page(page);
    for (std::int64_t head = 0; head < part_.heads; ++head) {
      for (std::int64_t tile = head * tiles_ + page; tile < (head + 1) * tiles_; ++tile) {
        weigh(tile, page);
        sum_over_queries(tile, weights_, context_);
        sum_over_queries(tile, slopes_, score_);
        sum_over_keys(tile, page);
      }
    }
    finish_page(page, score_, part_.keys);
    finish_page(page, context_, part_.values);
  }
  finish_queries();
}

/// Adds what the parts of a wave found, part after part.
void add_parts(std::span<const Part> parts, const AttentionShape& shape,
               std::int64_t row_elements) {
  for (const Part& part : parts) {
    const AttentionGradientSequence& sequence = *part.sequence;
    const CacheSlice& slice = slice_of(shape, part.head);
    const std::int64_t first = part.first_page * kTile, last = part.last_page * kTile;
    parallel_blocks(sequence.tokens, 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = std::max(begin, first); t < end; ++t) {
        for (std::int64_t head = 0; head < part.heads; ++head) {
          float* to = sequence.q_gradient + (t * shape.heads + part.head + head) * slice.key_dims;
          add(to, part.queries + (head * sequence.tokens + t) * slice.key_dims, slice.key_dims, to);
        }
      }
      for (std::int64_t t = std::max(begin, first); t < std::min(end, last); ++t) {
        float* row = sequence.row_gradient + t * row_elements;
        add(row + slice.key, part.keys + t * slice.key_dims, slice.key_dims, row + slice.key);
        add(row + slice.value, part.values + t * slice.value_dims, slice.value_dims,
            row + slice.value);
      }
    });
  }
}

/// Where the pages of `tiles` tiles are cut, so that a few heads occupy all threads evenly: later
/// pages are seen by fewer queries. The same whatever the threads are.
std::int64_t middle_page(std::int64_t tiles) {
  if (tiles < 4) return tiles;
  std::int64_t page = 0;
  for (std::int64_t work = 0; 4 * work < tiles * (tiles + 1); ++page) work += tiles - page;
  return page;
}

/// How many of the heads that share keys a part takes: as many as keep its memory small and leave
/// parts enough for many threads. The same whatever the threads are.
std::int64_t heads_of_a_part(const AttentionShape& shape, std::int64_t tokens,
                             std::int64_t sequences) {
  constexpr std::int64_t kPartFloats = std::int64_t{1} << 20, kParts = 8;
  const auto groups = static_cast<std::int64_t>(shape.groups.size());
  std::int64_t heads = shape.heads / groups;
  const auto fits = [&] {
    return tokens * heads * shape.groups[0].key_dims <= kPartFloats &&
           sequences * (shape.heads / heads) >= kParts;
  };
  while (heads % 2 == 0 && !fits()) heads /= 2;
  return fits() ? heads : 1;
}

}  // namespace

void attention_gradient(std::span<const AttentionGradientSequence> sequences,
                        const AttentionShape& shape, std::int64_t row_elements,
                        Precision precision) {
  const bool bf16 = rounds_attention(shape, precision);
  constexpr std::int64_t kWaveFloats = std::int64_t{16} << 20;  // memory that parts may hold
  static thread_local Workspace workspace;
  std::vector<Part> wave;
  std::int64_t held = 0;
  const auto compute = [&] {
    float* memory = workspace.get<float>(held);
    for (Part& part : wave) {
      const CacheSlice& slice = slice_of(shape, part.head);
      const std::int64_t tokens = part.sequence->tokens;
      part.keys = memory;
      part.values = part.keys + tokens * slice.key_dims;
      part.queries = part.values + tokens * slice.value_dims;
      memory += part.floats(slice);
    }
    threads().parallel_for(static_cast<std::int64_t>(wave.size()), [&](std::int64_t i, int) {
      const Part& part = wave[static_cast<std::size_t>(i)];
      if (bf16) {
        PartGradient<panel::Bf16Form>(shape, part).compute();
      } else {
        PartGradient<panel::FloatForm>(shape, part).compute();
      }
    });
    add_parts(wave, shape, row_elements);
    wave.clear();
    held = 0;
  };
  const auto take = [&](const Part& part) {
    held += part.floats(slice_of(shape, part.head));
    wave.push_back(part);
  };
  for (const AttentionGradientSequence& sequence : sequences) {
    const std::int64_t tiles = divide_up(sequence.tokens, kTile), middle = middle_page(tiles);
    const std::int64_t heads = heads_of_a_part(shape, sequence.tokens, std::ssize(sequences));
    for (std::int64_t head = 0; head < shape.heads; head += heads) {
      take({&sequence, head, heads, 0, middle});
      if (middle < tiles) take({&sequence, head, heads, middle, tiles});
      if (held >= kWaveFloats && std::ssize(wave) >= 2 * threads().sharing()) compute();
    }
  }
  if (!wave.empty()) compute();
}

}  // namespace r1
