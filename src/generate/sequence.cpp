#include "generate/sequence.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ops/token_distribution.h"

namespace r1 {
namespace {

constexpr std::string_view kThinkBegin = "<think>", kThinkEnd = "</think>";

/// Bytes at the end of `text` that may be the beginning of `stop`.
std::size_t begun(const std::string& text, const std::string& stop) {
  for (std::size_t size = std::min(text.size(), stop.size() - 1); size > 0; --size) {
    if (text.compare(text.size() - size, size, stop, 0, size) == 0) return size;
  }
  return 0;
}

}  // namespace

void GenerateOptions::check() const {
  sampling.check();
  if (max_tokens < 1) throw Error("max_tokens", "must be 1 or more");
  if (top_logprobs < 0) throw Error("top_logprobs", "must be 0 or more");
  if (draft_tokens < 0) throw Error("draft_tokens", "must be 0 or more");
  for (const std::string& text : stop) {
    if (text.empty()) throw Error("stop", "is an empty text");
  }
}

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
  if (tokenizer != nullptr && options.grammar.grammar) mask_.emplace(options.grammar, *tokenizer);
  answer_.prompt_tokens = prompt_tokens_;
  limit_thinking();
}

Sequence Sequence::sibling(std::size_t index, std::uint64_t stream) const {
  Sequence other(tokenizer_, cache.pool(), {ids_.begin(), ids_.begin() + prompt_tokens_}, *options_,
                 index, stream);
  other.answer_.prompt_seconds = answer_.prompt_seconds;
  return other;
}

void Sequence::drop_cache() {
  cache = PooledCache(cache.pool());
  cached = 0;
  drafts.clear();
}

Sample Sequence::forced(std::span<const float> logits, int id) {
  if (static_cast<std::size_t>(id) >= logits.size()) {
    throw Error("thinking budget", "the model has no row for the tokens of </think>");
  }
  Sample result;
  result.id = id;
  result.logprob = log_probability(logits[static_cast<std::size_t>(id)], log_total(logits, {}));
  return result;
}

/// Follows <think> and </think> in the bytes generated: not every tokenizer has tokens for them,
/// and their last character may be joined with what follows. An answer that has a grammar opens its
/// thinking at the beginning or never.
void Sequence::watch_thinking(int id) {
  if (tokenizer_ == nullptr || (options_->thinking_budget < 0 && !mask_)) return;
  const std::string_view bytes = tokenizer_->token_bytes(id);
  if (mask_ && !thinking_ && (bytes != kThinkBegin || answer_.ids.size() > 1)) {
    return mask_->take(bytes);
  }
  if (thinking_) ++thought_;
  const std::string_view tag = thinking_ ? kThinkEnd : kThinkBegin;
  tag_tail_ += bytes;
  if (const std::size_t at = tag_tail_.find(tag); at != std::string::npos) {
    thinking_ = !thinking_;
    thought_ = 0;
    const std::size_t rest = tag_tail_.find_first_not_of(" \t\r\n", at + tag.size());
    if (mask_ && !thinking_ && rest != std::string::npos) mask_->take(tag_tail_.substr(rest));
    tag_tail_.clear();
  } else if (tag_tail_.size() > kThinkEnd.size()) {
    tag_tail_.erase(0, tag_tail_.size() - kThinkEnd.size());
  }
  limit_thinking();
}

/// When the budget is spent, </think> comes next.
void Sequence::limit_thinking() {
  const std::int64_t budget = options_->thinking_budget;
  if (budget < 0 || tokenizer_ == nullptr || !thinking_ || thought_ < budget) return;
  if (forced_.empty()) close_thinking();
}

void Sequence::close_thinking() {
  forced_ = tokenizer_->encode(kThinkEnd, {.add_special = false, .parse_special = true});
  std::reverse(forced_.begin(), forced_.end());
}

/// Decodes one more id; what could still become a stop text is held back.
std::string Sequence::show(int id) {
  // The model may have more rows than the tokenizer has tokens.
  if (!decoder_ || id >= tokenizer_->vocab_size()) return {};
  held_ += decoder_->push(id);
  std::size_t first = std::string::npos;
  for (const std::string& stop : options_->stop) first = std::min(first, held_.find(stop));
  if (first != std::string::npos) {
    answer_.finish_reason = "stop";
    held_.resize(first);
    return std::exchange(held_, {});
  }
  std::size_t keep = 0;
  for (const std::string& stop : options_->stop) keep = std::max(keep, begun(held_, stop));
  std::string out = held_.substr(0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return out;
}

std::string Sequence::finish(const std::string& reason) {
  answer_.finish_reason = reason;
  return std::exchange(held_, {}) + (decoder_ ? decoder_->flush() : std::string());
}

Sample Sequence::draw(std::span<const float> logits) const {
  return sample(logits, {ids_, answer_.ids}, options_->sampling, stream_,
                static_cast<std::uint64_t>(answer_.ids.size()),
                {.top = options_->top_logprobs, .kept = options_->report_kept});
}

bool Sequence::ends_answer(int id) const {
  return !options_->ignore_end && tokenizer_ != nullptr && tokenizer_->ends_generation(id);
}

/// Draws what the grammar allows, if there is one; before all else that may be <think>.
Sample Sequence::draw_masked(std::span<const float> logits) {
  if (!mask_) return draw(logits);
  std::vector<float> allowed(logits.begin(), logits.end());
  mask_->apply(allowed);
  const auto think = tokenizer_->special_token(kThinkBegin);
  if (think && answer_.ids.empty() && static_cast<std::size_t>(*think) < logits.size()) {
    const auto at = static_cast<std::size_t>(*think);
    allowed[at] = logits[at];
  }
  return draw(allowed);
}

GeneratedToken Sequence::accept(std::span<const float> logits, std::int64_t room) {
  GeneratedToken token;
  if (forced_.empty()) {
    token.sample = thinking_ ? draw(logits) : draw_masked(logits);
    // A thought that would end everything ends only itself where an answer of a form is due.
    if (mask_ && thinking_ && ends_answer(token.sample.id)) close_thinking();
  }
  if (!forced_.empty()) {
    token.sample = forced(logits, forced_.back());
    forced_.pop_back();
  }
  const int id = token.sample.id;
  ids_.push_back(id);
  answer_.ids.push_back(id);
  answer_.samples.push_back(token.sample);
  if (ends_answer(id)) {
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
