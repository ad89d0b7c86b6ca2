#include "models/expanded_attention.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/threads.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

/// Rows [positions, heads (nope + rope + value)]: a head's key, its rotated part shared by all
/// heads, and its value.
Tensor expand(const Tensor& cached, const ModelConfig& c, const Linear& key_value_up) {
  const Tensor up = linear(columns(cached, 0, c.kv_lora), key_value_up);
  const std::int64_t from_width = c.nope_dims + c.value_dims, to_width = from_width + c.rope_dims;
  Tensor rows = Tensor::empty({cached.rows(), c.heads * to_width});
  parallel_blocks(cached.rows(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * c.heads; i < end * c.heads; ++i) {
      const float* from = up.data() + i * from_width;
      float* to = rows.data() + i * to_width;
      to = std::copy_n(from, c.nope_dims, to);
      to = std::copy_n(cached.data() + i / c.heads * cached.width() + c.kv_lora, c.rope_dims, to);
      std::copy_n(from + c.nope_dims, c.value_dims, to);
    }
  });
  return rows;
}

}  // namespace

Tensor expanded_attention(const Pass& pass, std::int64_t layer, const ModelConfig& config,
                          const Linear& key_value_up, const Tensor& q) {
  const ModelConfig& c = config;
  const std::int64_t head_width = c.nope_dims + c.rope_dims + c.value_dims;
  std::vector<CacheSlice> slices;
  for (std::int64_t head = 0; head < c.heads; ++head) {
    slices.push_back({.key = head * head_width,
                      .key_dims = c.nope_dims + c.rope_dims,
                      .value = (head + 1) * head_width - c.value_dims,
                      .value_dims = c.value_dims});
  }
  Tensor out = Tensor::empty({pass.tokens(), c.heads, c.value_dims});
  for (const PassSpan& span : pass.spans) {
    const std::int64_t positions = span.position + span.count;
    Pass fill, see;
    const DType type = pass.cache_shape.type == DType::f32 ? DType::f32 : DType::bf16;
    fill.cache_shape = {.type = type, .layers = 1, .row_elements = c.heads * head_width};
    fill.precision = pass.precision;
    const auto page_bytes = static_cast<std::size_t>(fill.cache_shape.page_bytes());
    const auto pages = static_cast<std::size_t>((positions - 1) / kPagePositions + 1);
    std::vector<std::byte> memory(pages * page_bytes);
    SequenceCache cache;
    for (std::size_t i = 0; i < pages; ++i) cache.pages.push_back(memory.data() + i * page_bytes);
    see = fill;
    fill.add(std::vector<int>(static_cast<std::size_t>(positions)), 0, cache);
    see.add(std::vector<int>(static_cast<std::size_t>(span.count)), span.position, cache);
    fill.append(0, expand(pass.cached(layer, span), c, key_value_up));
    const Tensor mine =
        Tensor::of({span.count, c.heads, q.dim(2)},
                   std::span(q.data() + span.first * c.heads * q.dim(2),
                             static_cast<std::size_t>(span.count * c.heads * q.dim(2))));
    const Tensor answer = see.attend(0, mine, slices, c.attention_scale);
    std::copy_n(answer.data(), answer.elements(), out.data() + span.first * c.heads * c.value_dims);
  }
  return out;
}

}  // namespace r1
