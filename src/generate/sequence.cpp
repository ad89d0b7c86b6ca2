#include "generate/sequence.h"

#include <algorithm>
#include <utility>

#include "kernels/elementwise.h"

namespace r1 {
namespace {

/// Bytes at the end of `text` that may be the beginning of `stop`.
std::size_t begun(const std::string& text, const std::string& stop) {
  for (std::size_t size = std::min(text.size(), stop.size() - 1); size > 0; --size) {
    if (text.compare(text.size() - size, size, stop, 0, size) == 0) return size;
  }
  return 0;
}

}  // namespace

Sequence::Sequence(const Tokenizer* tokenizer, PagePool& pool, std::vector<int> prompt,
                   const GenerateOptions& options, std::size_t index, std::uint64_t stream)
    : cache(pool),
      tokenizer_(tokenizer),
      options_(&options),
      index_(index),
      stream_(stream),
      ids_(std::move(prompt)),
      prompt_tokens_(static_cast<std::int64_t>(ids_.size())),
      thinking_(options.starts_in_thinking) {
  if (tokenizer != nullptr) {
    decoder_.emplace(*tokenizer,
                     DecodeOptions{.skip_special = !options.ignore_end, .continuation = true});
  }
  if (options.thinking_budget >= 0 && tokenizer != nullptr) {
    close_think_ = tokenizer->encode("</think>", {.add_special = false, .parse_special = true});
  }
  answer_.prompt_tokens = prompt_tokens_;
}

Sequence Sequence::fork(std::size_t index, std::uint64_t stream) const {
  const std::vector<int> prompt(ids_.begin(), ids_.begin() + prompt_tokens_);
  PooledCache shared = cache.fork(cached);
  // The pool is the shared cache's own; an empty cache of it is replaced at once.
  Sequence other(tokenizer_, cache.pool(), prompt, *options_, index, stream);
  other.cache = std::move(shared);
  other.cached = cached;
  return other;
}

Sample Sequence::forced(std::span<const float> logits, int id) const {
  const double total = log_sum_exp(logits.data(), static_cast<std::int64_t>(logits.size()));
  Sample result;
  result.id = id;
  result.logprob =
      static_cast<float>(static_cast<double>(logits[static_cast<std::size_t>(id)]) - total);
  return result;
}

/// Follows <think> and </think>; when the budget is spent, </think> comes next.
void Sequence::watch_thinking(int id) {
  if (options_->thinking_budget < 0 || close_think_.empty()) return;
  if (const auto open = tokenizer_->special_token("<think>"); open && id == *open) {
    thinking_ = true;
    thought_ = 0;
    return;
  }
  if (thinking_) {
    const std::size_t size = close_think_.size();
    const bool closed = ids_.size() - static_cast<std::size_t>(prompt_tokens_) >= size &&
                        std::equal(close_think_.begin(), close_think_.end(),
                                   ids_.end() - static_cast<std::ptrdiff_t>(size));
    if (closed) {
      thinking_ = false;
    } else {
      ++thought_;
    }
  }
  if (thinking_ && forced_.empty() && thought_ >= options_->thinking_budget) {
    forced_.assign(close_think_.rbegin(), close_think_.rend());
  }
}

/// Decodes one more id; what could still become a stop text is held back.
std::string Sequence::show(int id) {
  if (!decoder_) return {};
  held_ += decoder_->push(id);
  for (const std::string& stop : options_->stop) {
    if (stop.empty()) continue;
    const std::size_t at = held_.find(stop);
    if (at == std::string::npos) continue;
    answer_.finish_reason = "stop";
    std::string rest = held_.substr(0, at);
    held_.clear();
    return rest;
  }
  std::size_t keep = 0;
  for (const std::string& stop : options_->stop) {
    if (!stop.empty()) keep = std::max(keep, begun(held_, stop));
  }
  std::string out = held_.substr(0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return out;
}

std::string Sequence::finish(const std::string& reason) {
  answer_.finish_reason = reason;
  return std::exchange(held_, {}) + (decoder_ ? decoder_->flush() : std::string());
}

GeneratedToken Sequence::accept(std::span<const float> logits, std::int64_t room) {
  if (answer_.ids.empty() && thinking_) {
    // A budget of nothing closes the thinking before its first token.
    if (options_->thinking_budget == 0 && forced_.empty()) {
      forced_.assign(close_think_.rbegin(), close_think_.rend());
    }
  }
  GeneratedToken token;
  if (!forced_.empty()) {
    token.sample = forced(logits, forced_.back());
    forced_.pop_back();
  } else {
    const TokenHistory history = {ids_, answer_.ids};
    token.sample = sample(logits, history, options_->sampling, stream_,
                          static_cast<std::uint64_t>(answer_.ids.size()), options_->top_logprobs);
  }
  const int id = token.sample.id;
  ids_.push_back(id);
  answer_.ids.push_back(id);
  answer_.samples.push_back(token.sample);
  if (!options_->ignore_end && tokenizer_ != nullptr && tokenizer_->ends_generation(id)) {
    token.text = finish("stop");
  } else {
    token.text = show(id);
    watch_thinking(id);
    const bool full =
        static_cast<std::int64_t>(answer_.ids.size()) >= options_->max_tokens || room <= 1;
    if (!finished() && full) token.text += finish("length");
  }
  answer_.text += token.text;
  return token;
}

}  // namespace r1
