// Engine::score: the logits of given texts.
#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "generate/engine.h"
#include "generate/running.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

/// Tokens [position, position + chunk) of several texts, and whose row is whose.
struct ScorePass {
  Pass pass, shifted;  // shifted: their successors, for the prediction layer
  std::vector<std::pair<std::size_t, std::int64_t>> places;  // text and position of each row
  std::vector<std::int64_t> wanted;                          // rows whose logits are wanted
};

ScorePass score_pass(const std::vector<std::vector<int>>& texts, std::vector<PooledCache>& caches,
                     std::int64_t position, std::int64_t chunk, bool prediction) {
  ScorePass result;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto size = static_cast<std::int64_t>(texts[i].size());
    const std::int64_t end = std::min(size, position + chunk);
    if (position >= end) continue;
    for (std::int64_t at = position; at < end; ++at) {
      const auto row = static_cast<std::int64_t>(result.places.size());
      if (!prediction || at + 1 < size) result.wanted.push_back(row);
      result.places.emplace_back(i, at);
    }
    const auto begin = texts[i].begin();
    result.pass.add({begin + position, begin + end}, position, caches[i]);
    const std::int64_t last = std::min(end + 1, size);
    if (prediction && last > position + 1) {
      result.shifted.add({begin + position + 1, begin + last}, position, caches[i]);
    }
  }
  return result;
}

}  // namespace

void Engine::score(const std::vector<std::vector<int>>& texts, std::int64_t chunk, bool prediction,
                   const OnLogits& on_logits) {
  prefixes_.clear();
  std::vector<PooledCache> caches;
  std::int64_t longest = 0;
  for (const std::vector<int>& text : texts) {
    const auto size = static_cast<std::int64_t>(text.size());
    if (text.empty()) throw Error("text", "is empty");
    if (size > context_length_) {
      throw Error("text",
                  "has " + std::to_string(size) + " tokens, and the context holds " +
                      std::to_string(context_length_),
                  "cut it or give a larger --context");
    }
    caches.emplace_back(pool_);
    caches.back().reserve(size);
    longest = std::max(longest, size);
  }
  // Memory for activations is bounded, and that for logits, which are much larger than all else.
  constexpr std::int64_t kTokens = 1024, kRows = 64;
  const auto count = std::max<std::int64_t>(1, static_cast<std::int64_t>(texts.size()));
  chunk = std::clamp<std::int64_t>(chunk, 1, std::max<std::int64_t>(1, kTokens / count));
  for (std::int64_t position = 0; position < longest; position += chunk) {
    ScorePass part = score_pass(texts, caches, position, chunk, prediction);
    Tensor hidden = model_->hidden(part.pass);
    if (part.wanted.empty()) continue;
    if (prediction)
      hidden = model_->predicted_hidden(part.shifted, select_rows(hidden, part.wanted));
    for (std::int64_t row = 0; row < hidden.rows(); row += kRows) {
      const Tensor some = some_rows(hidden, row, std::min(kRows, hidden.rows() - row));
      const Tensor logits = prediction ? model_->predicted_logits(some) : model_->logits(some);
      for (std::int64_t r = 0; r < some.rows(); ++r) {
        const auto source = part.wanted[static_cast<std::size_t>(row + r)];
        const auto& [text, at] = part.places[static_cast<std::size_t>(source)];
        on_logits(text, at,
                  logits.numbers().subspan(static_cast<std::size_t>(r * logits.width()),
                                           static_cast<std::size_t>(logits.width())));
      }
    }
  }
}

}  // namespace r1
