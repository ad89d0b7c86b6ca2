#include "models/pass.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <memory>
#include <utility>

#include "base/threads.h"
#include "kernels/attention_gradient.h"
#include "kernels/elementwise.h"
#include "kernels/reference/quantization.h"
#include "ops/kept.h"
#include "ops/tape.h"

namespace r1 {

void Pass::add(const std::vector<int>& tokens, std::int64_t position, SequenceCache& cache) {
  spans.push_back({.first = this->tokens(),
                   .count = static_cast<std::int64_t>(tokens.size()),
                   .position = position,
                   .cache = &cache});
  ids.insert(ids.end(), tokens.begin(), tokens.end());
}

void Pass::add_after(std::int64_t prefix, const std::vector<int>& tokens, SequenceCache& cache) {
  const PassSpan& before = spans[static_cast<std::size_t>(prefix)];
  assert(before.position == 0);
  const std::int64_t position = before.count;
  add(tokens, position, cache);
  spans.back().prefix = prefix;
}

std::vector<std::int64_t> Pass::positions() const {
  std::vector<std::int64_t> all;
  for (const PassSpan& span : spans) {
    for (std::int64_t i = 0; i < span.count; ++i) all.push_back(span.position + i);
  }
  return all;
}

void Pass::append(std::int64_t layer, const Tensor& rows) {
  if (Tape::recording() != nullptr) {
    row_gradients.resize(static_cast<std::size_t>(cache_shape.layers));
    row_gradients[static_cast<std::size_t>(layer)] = rows.gradient();
  }
  const std::int64_t row_bytes = cache_shape.row_bytes();
  // Row `row` of what is appended becomes the sequence's at `position`.
  const auto write = [&](const SequenceCache& cache, std::int64_t position, std::int64_t row) {
    std::byte* page = cache.pages[static_cast<std::size_t>(position / kPagePositions)];
    quantize(cache_shape.type, rows.data() + row * rows.width(), rows.width(),
             page + (layer * kPagePositions + position % kPagePositions) * row_bytes);
  };
  for (const PassSpan& span : spans) {
    parallel_blocks(span.count, 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        write(*span.cache, span.position + i, span.first + i);
    });
    if (span.prefix < 0) continue;
    // The page that the prefix doesn't fill can't be shared.
    const PassSpan& before = spans[static_cast<std::size_t>(span.prefix)];
    for (std::int64_t i = before.count / kPagePositions * kPagePositions; i < before.count; ++i) {
      write(*span.cache, i, before.first + i);
    }
  }
}

Tensor Pass::cached(std::int64_t layer, const PassSpan& span) const {
  const std::int64_t positions = span.position + span.count, row_bytes = cache_shape.row_bytes();
  Tensor rows = Tensor::empty({positions, cache_shape.row_elements});
  parallel_blocks(positions, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::byte* page = span.cache->pages[static_cast<std::size_t>(i / kPagePositions)];
      dequantize(cache_shape.type, page + (layer * kPagePositions + i % kPagePositions) * row_bytes,
                 rows.width(), rows.data() + i * rows.width());
    }
  });
  return rows;
}

namespace {

/// What attention reads of a pass: kept for its backward.
struct Attended {
  std::vector<PassSpan> spans;
  std::vector<std::vector<const std::byte*>> pages;  // of one layer, for each span
  std::int64_t row_elements, row_bytes;
  DType cache_type;
  std::int64_t heads;
  std::vector<CacheSlice> groups;
  float scale;
  Precision precision;

  Attended(const Pass& pass, std::int64_t layer, std::int64_t head_count,
           const std::vector<CacheSlice>& slices, float factor)
      : spans(pass.spans),
        row_elements(pass.cache_shape.row_elements),
        row_bytes(pass.cache_shape.row_bytes()),
        cache_type(pass.cache_shape.type),
        heads(head_count),
        groups(slices),
        scale(factor),
        precision(pass.precision) {
    for (const PassSpan& span : spans) {
      pages.emplace_back();
      for (const std::byte* page : span.cache->pages) {
        pages.back().push_back(page + layer * kPagePositions * row_bytes);
      }
    }
  }

  AttentionShape shape() const { return {cache_type, row_bytes, heads, groups, scale}; }
};

void attention_forward(const Attended& what, const Tensor& q, Tensor& out, float* log_totals) {
  std::vector<AttentionSequence> sequences;
  for (std::size_t i = 0; i < what.spans.size(); ++i) {
    const PassSpan& span = what.spans[i];
    const std::int64_t at = span.first * what.heads;
    sequences.push_back({.pages = what.pages[i].data(),
                         .first_position = span.position,
                         .tokens = span.count,
                         .q = q.data() + at * q.width(),
                         .out = out.data() + at * out.width(),
                         .log_sum_exp = log_totals == nullptr ? nullptr : log_totals + at});
  }
  attention(sequences, what.shape(), what.precision);
}

/// attention_gradient() knows whole sequences only. One that follows a prefix becomes whole by
/// queries at the prefix's positions that see nothing: their probabilities are 0, and so are their
/// gradients.
struct MadeWhole {
  std::int64_t before, tokens;
  std::vector<float> q, out, out_gradient, q_gradient, log_totals, row_gradient;

  MadeWhole(const PassSpan& span, std::int64_t heads, std::int64_t key_dims,
            std::int64_t value_dims, std::int64_t row_elements)
      : before(span.position), tokens(span.position + span.count) {
    constexpr float kNothing = 1e30f;
    const auto size = [&](std::int64_t width) { return static_cast<std::size_t>(tokens * width); };
    q.resize(size(heads * key_dims));
    q_gradient.resize(q.size());
    out.resize(size(heads * value_dims));
    out_gradient.resize(out.size());
    log_totals.assign(size(heads), kNothing);
    row_gradient.resize(size(row_elements));
  }
  /// Sets what belongs to the span's own tokens: [count, width].
  void fill(std::vector<float>& whole, const float* own) const {
    const auto width = static_cast<std::int64_t>(whole.size()) / tokens;
    std::copy_n(own, (tokens - before) * width, whole.data() + before * width);
  }
  AttentionGradientSequence sequence(const std::byte* const* pages) {
    return {.pages = pages,
            .tokens = tokens,
            .q = q.data(),
            .out = out.data(),
            .log_sum_exp = log_totals.data(),
            .out_gradient = out_gradient.data(),
            .q_gradient = q_gradient.data(),
            .row_gradient = row_gradient.data()};
  }
};

void attention_backward(const Attended& what, const Tensor& q, const Tensor& out,
                        const std::vector<float>& log_totals, const Gradient& q_gradient,
                        const Gradient& rows, const float* dout) {
  float* dq = q_gradient.data();
  float* drows = rows.data();
  std::vector<AttentionGradientSequence> sequences;
  std::deque<MadeWhole> followers;
  for (std::size_t i = 0; i < what.spans.size(); ++i) {
    const PassSpan& span = what.spans[i];
    const std::int64_t at = span.first * what.heads;
    if (span.prefix >= 0) {
      MadeWhole& whole =
          followers.emplace_back(span, what.heads, q.width(), out.width(), what.row_elements);
      whole.fill(whole.q, q.data() + at * q.width());
      whole.fill(whole.out, out.data() + at * out.width());
      whole.fill(whole.out_gradient, dout + at * out.width());
      whole.fill(whole.log_totals, log_totals.data() + at);
      sequences.push_back(whole.sequence(what.pages[i].data()));
      continue;
    }
    assert(span.position == 0);
    sequences.push_back({.pages = what.pages[i].data(),
                         .tokens = span.count,
                         .q = q.data() + at * q.width(),
                         .out = out.data() + at * out.width(),
                         .log_sum_exp = log_totals.data() + at,
                         .out_gradient = dout + at * out.width(),
                         .q_gradient = dq + at * q.width(),
                         .row_gradient = drows + span.first * what.row_elements});
  }
  attention_gradient(sequences, what.shape(), what.row_elements, what.precision);
  auto follower = followers.begin();
  for (const PassSpan& span : what.spans) {
    if (span.prefix < 0) continue;
    const std::int64_t width = what.row_elements, own = follower->before * width;
    const std::int64_t query_width = what.heads * q.width();
    float* to = dq + span.first * query_width;
    add(to, follower->q_gradient.data() + follower->before * query_width, span.count * query_width,
        to);
    to = drows + what.spans[static_cast<std::size_t>(span.prefix)].first * width;
    add(to, follower->row_gradient.data(), own, to);
    to = drows + span.first * width;
    add(to, follower->row_gradient.data() + own, span.count * width, to);
    ++follower;
  }
}

}  // namespace

Tensor Pass::attend(std::int64_t layer, const Tensor& q, const std::vector<CacheSlice>& groups,
                    float scale) const {
  const std::int64_t heads = q.dim(1);
  Tensor out = Tensor::empty({tokens(), heads, groups[0].value_dims});
  Attended what(*this, layer, heads, groups, scale);
  if (Tape::recording() == nullptr) {
    attention_forward(what, q, out, nullptr);
    return out;
  }
  std::vector<float> log_totals(static_cast<std::size_t>(tokens() * heads));
  attention_forward(what, q, out, log_totals.data());
  const bool rounded = rounds_attention(what.shape(), precision);
  on_backward(
      out, [what = std::move(what), kept_q = Kept(q, rounded), kept_out = Kept(out, rounded),
            log_totals = std::move(log_totals), dq = q.gradient(),
            rows = row_gradients[static_cast<std::size_t>(layer)]](const float* dout) {
        attention_backward(what, kept_q.tensor(), kept_out.tensor(), log_totals, dq, rows, dout);
      });
  return out;
}

Tensor Pass::layer(const Tensor& x, const std::function<Tensor(const Tensor&)>& block) {
  if (!recompute || Tape::recording() == nullptr) return block(x);
  const auto first_time = std::make_shared<bool>(true);
  return recomputed(
      [this, block, first_time](const Tensor& input) {
        again_ = !std::exchange(*first_time, false);
        Tensor y = block(input);
        again_ = false;
        return y;
      },
      x);
}

void Pass::watch_routing(std::int64_t layer, const Tensor& logits, const Choices& choices,
                         const Routing& routing) {
  if (routers == nullptr) return;
  double loss = 0;
  const auto share = 1.0f / static_cast<float>(spans.size());
  for (const PassSpan& span : spans) {
    loss += balance_loss(logits, choices, routing, span.first, span.count,
                         share * routers->balance_weight);
  }
  if (again_) return;
  routers->balance_loss += loss * static_cast<double>(share);
  routers->load.resize(static_cast<std::size_t>(cache_shape.layers));
  auto& load = routers->load[static_cast<std::size_t>(layer)];
  load.resize(static_cast<std::size_t>(logits.width()));
  const auto chosen = choices.load(load.size(), 0, tokens());
  for (std::size_t e = 0; e < load.size(); ++e) load[e] += chosen[e];
}

}  // namespace r1
