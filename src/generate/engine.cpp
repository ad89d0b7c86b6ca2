#include "generate/engine.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Pages that fit four fifths of the memory that is free now, but no more than `wanted` tokens.
std::int64_t pages_for(const CacheShape& shape, std::int64_t wanted) {
  const double available = static_cast<double>(::sysconf(_SC_AVPHYS_PAGES)) *
                           static_cast<double>(::sysconf(_SC_PAGESIZE));
  const auto fit =
      static_cast<std::int64_t>(0.8 * available / static_cast<double>(shape.page_bytes()));
  const std::int64_t pages = wanted > 0 ? (wanted + kPagePositions - 1) / kPagePositions : fit;
  return std::max<std::int64_t>(1, pages);
}

Tensor first_rows(const Tensor& x, std::int64_t first, std::int64_t count) {
  return Tensor::of({count, x.width()},
                    x.numbers().subspan(static_cast<std::size_t>(first * x.width()),
                                        static_cast<std::size_t>(count * x.width())));
}

}  // namespace

Engine::Engine(std::shared_ptr<const Model> model, std::optional<Tokenizer> tokenizer,
               const EngineOptions& options)
    : model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      context_length_(options.context_length > 0 ? options.context_length
                                                 : model_->config().context_length),
      chunk_(std::max<std::int64_t>(1, options.chunk)),
      pool_(model_->cache_shape(), pages_for(model_->cache_shape(), options.cache_tokens)) {}

void Engine::check_prompt(const std::vector<int>& prompt) const {
  if (prompt.empty()) throw Error("prompt", "is empty");
  const auto size = static_cast<std::int64_t>(prompt.size());
  if (size >= context_length_) {
    throw Error("prompt",
                "has " + std::to_string(size) + " tokens, and the context holds " +
                    std::to_string(context_length_),
                "shorten it or give a larger --context");
  }
}

std::vector<Answer> Engine::generate(const std::vector<int>& prompt, const GenerateOptions& options,
                                     std::size_t count, const OnToken& on_token) {
  check_prompt(prompt);
  options.sampling.check();
  if (count == 0) return {};
  std::list<Sequence> sequences;
  sequences.emplace_back(tokenizer(), pool_, prompt, options, 0, 0);
  return run(sequences, count - 1, on_token);
}

std::vector<Answer> Engine::generate_each(const std::vector<std::vector<int>>& prompts,
                                          const GenerateOptions& options, const OnToken& on_token) {
  options.sampling.check();
  std::list<Sequence> sequences;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    check_prompt(prompts[i]);
    sequences.emplace_back(tokenizer(), pool_, prompts[i], options, i, i);
  }
  return run(sequences, 0, on_token);
}

std::vector<Answer> Engine::run(std::list<Sequence>& sequences, std::size_t siblings,
                                const OnToken& on_token) {
  std::vector<Answer> answers(sequences.size() + siblings);
  while (!sequences.empty()) {
    step(sequences, siblings, on_token);
    for (auto at = sequences.begin(); at != sequences.end();) {
      if (!at->finished()) {
        ++at;
        continue;
      }
      answers[at->index()] = std::move(at->answer());
      at = sequences.erase(at);
    }
  }
  return answers;
}

/// One pass: the next piece of prompts, and the last token (with drafts) of the others.
void Engine::step(std::list<Sequence>& sequences, std::size_t& siblings, const OnToken& on_token) {
  struct Part {
    Sequence* sequence;
    std::int64_t first_row, first_position, tokens;
    std::int64_t first_logits;  // -1: the prompt goes on
  };
  const double begin = seconds_now();
  Pass pass;
  std::vector<Part> parts;
  std::vector<std::int64_t> rows;  // whose logits are wanted
  std::int64_t budget = chunk_;
  const bool alone = sequences.size() == 1 && siblings == 0;
  for (Sequence& sequence : sequences) {
    const auto left = static_cast<std::int64_t>(sequence.ids().size()) - sequence.cached;
    const std::int64_t count = left == 1 ? 1 : std::min(left, budget);
    if (count <= 0) continue;
    if (left > 1) budget -= count;
    std::vector<int> tokens(sequence.ids().begin() + sequence.cached,
                            sequence.ids().begin() + sequence.cached + count);
    const bool complete = count == left;
    if (!alone || !complete) sequence.drafts.clear();
    const std::int64_t room = context_length_ - sequence.cached - count;
    while (static_cast<std::int64_t>(sequence.drafts.size()) >
           std::max<std::int64_t>(0, room - 1)) {
      sequence.drafts.pop_back();
    }
    tokens.insert(tokens.end(), sequence.drafts.begin(), sequence.drafts.end());
    sequence.cache.reserve(sequence.cached + static_cast<std::int64_t>(tokens.size()));
    parts.push_back({&sequence, pass.tokens(), sequence.cached, count, -1});
    if (complete) {
      parts.back().first_logits = static_cast<std::int64_t>(rows.size());
      for (std::int64_t i = count - 1; i < static_cast<std::int64_t>(tokens.size()); ++i) {
        rows.push_back(pass.tokens() + i);
      }
    }
    pass.add(tokens, sequence.cached, sequence.cache);
  }
  const Tensor hidden = model_->hidden(pass);
  Tensor logits;
  if (!rows.empty()) logits = model_->logits(select_rows(hidden, rows));
  const double seconds = seconds_now() - begin;
  for (const Part& part : parts) {
    Sequence& sequence = *part.sequence;
    const bool prompt = part.first_position < sequence.prompt_tokens();
    (prompt ? sequence.answer().prompt_seconds : sequence.answer().decode_seconds) += seconds;
    sequence.cached = part.first_position + part.tokens;
    if (part.first_logits < 0) {
      if (alone && sequence.options().speculation == Speculation::prediction) {
        predict(sequence, part.first_position, hidden);
      }
      continue;
    }
    if (prompt && sequence.index() == 0) {
      for (; siblings > 0; --siblings) {
        sequences.push_back(sequence.fork(siblings, siblings));
        accept(sequences.back(), logits, part.first_logits, on_token);
      }
    }
    accept(sequence, logits, part.first_logits, on_token);
    if (alone && !sequence.finished()) {
      const GenerateOptions& options = sequence.options();
      if (options.speculation == Speculation::lookup) {
        sequence.drafts = lookup_draft(sequence.ids(), options.draft_tokens);
      } else if (options.speculation == Speculation::prediction) {
        predict(sequence, part.first_position, hidden);
      }
    }
  }
}

/// Takes tokens as long as the drafts hold. Each is drawn from the model's own distribution, so the
/// drafts change how many tokens a pass gives, never which.
bool Engine::accept(Sequence& sequence, const Tensor& logits, std::int64_t first_row,
                    const OnToken& on_token) const {
  const std::vector<int> drafts = std::exchange(sequence.drafts, {});
  sequence.answer().drafted += static_cast<std::int64_t>(drafts.size());
  for (std::size_t i = 0; i <= drafts.size(); ++i) {
    const std::int64_t row = first_row + static_cast<std::int64_t>(i);
    const std::span<const float> numbers(logits.data() + row * logits.width(),
                                         static_cast<std::size_t>(logits.width()));
    const std::int64_t room = context_length_ - static_cast<std::int64_t>(sequence.ids().size());
    const GeneratedToken token = sequence.accept(numbers, room);
    if (on_token && !on_token(sequence.index(), token) && !sequence.finished()) sequence.cancel();
    if (sequence.finished() || i == drafts.size() || token.sample.id != drafts[i]) break;
    ++sequence.answer().accepted;
    ++sequence.cached;
  }
  return !sequence.finished();
}

/// Brings the prediction layer's cache up to the last token whose successor is known, and takes its
/// guess of the token after the last.
void Engine::predict(Sequence& sequence, std::int64_t first_position, const Tensor& hidden) {
  const auto known = static_cast<std::int64_t>(sequence.ids().size()) - 1;
  const std::int64_t count = std::min(sequence.cached, known) - first_position;
  if (count <= 0) return;
  const std::vector<int> next(sequence.ids().begin() + first_position + 1,
                              sequence.ids().begin() + first_position + 1 + count);
  Pass pass;
  pass.add(next, first_position, sequence.cache);
  const Tensor states = model_->predicted_hidden(pass, first_rows(hidden, 0, count));
  if (sequence.cached < known) return;
  const Tensor logits = model_->predicted_logits(first_rows(states, count - 1, 1));
  const float* row = logits.data();
  sequence.drafts = {static_cast<int>(std::max_element(row, row + logits.width()) - row)};
}

void Engine::score(const std::vector<std::vector<int>>& texts, std::int64_t chunk, bool prediction,
                   const OnLogits& on_logits) {
  std::vector<PooledCache> caches;
  std::int64_t longest = 0;
  for (const std::vector<int>& text : texts) {
    caches.emplace_back(pool_);
    caches.back().reserve(static_cast<std::int64_t>(text.size()));
    longest = std::max(longest, static_cast<std::int64_t>(text.size()));
  }
  // Logits are made for so many rows at a time, as they are much larger than all else.
  constexpr std::int64_t kRows = 64;
  for (std::int64_t position = 0; position < longest; position += chunk) {
    Pass pass, shifted;
    std::vector<std::pair<std::size_t, std::int64_t>> places;  // text and position of each row
    std::vector<std::int64_t> predicting;                      // rows that have a successor
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto size = static_cast<std::int64_t>(texts[i].size());
      const std::int64_t end = std::min(size, position + chunk);
      if (position >= end) continue;
      for (std::int64_t at = position; at < end; ++at) {
        if (!prediction || at + 1 < size)
          predicting.push_back(static_cast<std::int64_t>(places.size()));
        places.emplace_back(i, at);
      }
      pass.add({texts[i].begin() + position, texts[i].begin() + end}, position, caches[i]);
      const std::int64_t last = std::min(end + 1, size);
      if (last > position + 1) {
        shifted.add({texts[i].begin() + position + 1, texts[i].begin() + last}, position,
                    caches[i]);
      }
    }
    Tensor hidden = model_->hidden(pass);
    if (prediction) {
      if (predicting.empty()) continue;
      hidden = model_->predicted_hidden(shifted, select_rows(hidden, predicting));
    }
    for (std::int64_t row = 0; row < hidden.rows(); row += kRows) {
      const std::int64_t count = std::min(kRows, hidden.rows() - row);
      const Tensor part = first_rows(hidden, row, count);
      const Tensor logits = prediction ? model_->predicted_logits(part) : model_->logits(part);
      for (std::int64_t r = 0; r < count; ++r) {
        const auto& [text, at] =
            places[static_cast<std::size_t>(predicting[static_cast<std::size_t>(row + r)])];
        on_logits(text, at,
                  {logits.data() + r * logits.width(), static_cast<std::size_t>(logits.width())});
      }
    }
  }
}

}  // namespace r1
