#include "models/pass.h"

#include "base/threads.h"
#include "kernels/reference/quantization.h"

namespace r1 {

void Pass::add(const std::vector<int>& tokens, std::int64_t position, SequenceCache& cache) {
  spans.push_back({.first = this->tokens(),
                   .count = static_cast<std::int64_t>(tokens.size()),
                   .position = position,
                   .cache = &cache});
  ids.insert(ids.end(), tokens.begin(), tokens.end());
}

std::vector<std::int64_t> Pass::positions() const {
  std::vector<std::int64_t> all;
  for (const PassSpan& span : spans) {
    for (std::int64_t i = 0; i < span.count; ++i) all.push_back(span.position + i);
  }
  return all;
}

void Pass::append(std::int64_t layer, const Tensor& rows) {
  const std::int64_t row_bytes = cache_shape.row_bytes();
  for (const PassSpan& span : spans) {
    parallel_blocks(span.count, 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t position = span.position + i;
        std::byte* page = span.cache->pages[static_cast<std::size_t>(position / kPagePositions)];
        std::byte* row = page + (layer * kPagePositions + position % kPagePositions) * row_bytes;
        quantize(cache_shape.type, rows.data() + (span.first + i) * rows.width(), rows.width(),
                 row);
      }
    });
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

Tensor Pass::attend(std::int64_t layer, const Tensor& q, const std::vector<CacheSlice>& groups,
                    float scale) const {
  const std::int64_t heads = q.dim(1), value_dims = groups[0].value_dims;
  Tensor out = Tensor::empty({tokens(), heads, value_dims});
  std::vector<std::vector<const std::byte*>> pages(spans.size());
  std::vector<AttentionSequence> sequences;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const PassSpan& span = spans[i];
    for (const std::byte* page : span.cache->pages) {
      pages[i].push_back(page + layer * kPagePositions * cache_shape.row_bytes());
    }
    sequences.push_back({.pages = pages[i].data(),
                         .first_position = span.position,
                         .tokens = span.count,
                         .q = q.data() + span.first * heads * q.dim(2),
                         .out = out.data() + span.first * heads * value_dims});
  }
  attention(sequences,
            {.cache_type = cache_shape.type,
             .row_bytes = cache_shape.row_bytes(),
             .heads = heads,
             .groups = groups,
             .scale = scale},
            precision);
  return out;
}

}  // namespace r1
