#include "generate/engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/memory.h"
#include "ops/elementwise.h"

namespace r1 {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::int64_t pages_of(std::int64_t positions) {
  return (positions + kPagePositions - 1) / kPagePositions;
}

/// Pages for `wanted` tokens; 0: as many as fit four fifths of the memory that is free now.
std::int64_t pages_for(const CacheShape& shape, std::int64_t wanted) {
  const std::int64_t fit = available_memory() / 5 * 4 / shape.page_bytes();
  return std::max<std::int64_t>(1, wanted > 0 ? pages_of(wanted) : fit);
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
      sequences_(std::max<std::int64_t>(1, options.sequences)),
      pool_(model_->cache_shape(), pages_for(model_->cache_shape(), options.cache_tokens)) {}

void Engine::check(const GenerateOptions& options) const {
  options.check();
  if (options.speculation == Speculation::prediction && model_->config().prediction_layers == 0) {
    throw Error("speculation", "this model has no layer for multi-token prediction",
                "draft from the text instead (lookup)");
  }
}

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
  check(options);
  check_prompt(prompt);
  if (count == 0) return {};
  std::list<Sequence> sequences;
  sequences.emplace_back(tokenizer(), pool_, prompt, options, 0, 0);
  recall(sequences.front());
  return run(sequences, count - 1, on_token);
}

/// Whole pages only: in a page that is shared no row may stand beyond what its users have in
/// common. The last token is computed in any case, for its logits.
void Engine::recall(Sequence& sequence) const {
  if (!remembered_ || remembered_->speculation != sequence.options().speculation) return;
  const std::vector<int>& known = remembered_->ids;
  const std::size_t most = std::min(known.size(), sequence.ids().size() - 1);
  const auto end = std::mismatch(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(most),
                                 sequence.ids().begin())
                       .first;
  const std::int64_t common = (end - known.begin()) / kPagePositions * kPagePositions;
  if (common == 0) return;
  sequence.cache = remembered_->cache.fork(common);
  sequence.cached = common;
  sequence.answer().reused_tokens = common;
}

void Engine::remember(Sequence& sequence) {
  const auto begin = sequence.ids().begin();
  remembered_ = Remembered{.ids = {begin, begin + sequence.cached},
                           .cache = std::move(sequence.cache),
                           .speculation = sequence.options().speculation};
}

std::vector<Answer> Engine::generate_each(const std::vector<std::vector<int>>& prompts,
                                          const GenerateOptions& options, const OnToken& on_token) {
  check(options);
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
      if (at->index() == 0) remember(*at);
      answers[at->index()] = std::move(at->answer());
      at = sequences.erase(at);
    }
  }
  return answers;
}

/// One pass: the next piece of prompts, and the last token (with drafts) of the others.
void Engine::step(std::list<Sequence>& sequences, std::size_t& siblings, const OnToken& on_token) {
  const double begin = seconds_now();
  const bool alone = sequences.size() == 1 && siblings == 0;
  Pass pass;
  std::vector<std::int64_t> rows;  // whose logits are wanted
  const std::vector<Part> parts = fill(pass, rows, sequences, alone);
  const Tensor hidden = model_->hidden(pass);
  Tensor logits;
  if (!rows.empty()) logits = model_->logits(select_rows(hidden, rows));
  const double seconds = seconds_now() - begin;
  for (const Part& part : parts) {
    Sequence& sequence = *part.sequence;
    const bool prompt = part.first_position < sequence.prompt_tokens();
    (prompt ? sequence.answer().prompt_seconds : sequence.answer().decode_seconds) += seconds;
    sequence.cached = part.first_position + part.tokens;
    if (part.first_logits >= 0) {
      add_siblings(sequences, sequence, siblings, [&](Sequence& sibling) {
        accept(sibling, logits, part.first_logits, on_token);
      });
      accept(sequence, logits, part.first_logits, on_token);
    }
    if (!alone || sequence.finished()) continue;
    const GenerateOptions& options = sequence.options();
    if (options.speculation == Speculation::prediction) {
      predict(sequence, part.first_position, hidden);
    } else if (options.speculation == Speculation::lookup && part.first_logits >= 0) {
      sequence.drafts = lookup_draft(sequence.ids(), options.draft_tokens);
    }
  }
}

/// Chooses what the pass computes. Only a sequence that is alone has drafts.
std::vector<Engine::Part> Engine::fill(Pass& pass, std::vector<std::int64_t>& rows,
                                       std::list<Sequence>& sequences, bool alone) {
  std::vector<Part> parts;
  std::int64_t budget = chunk_;
  for (Sequence& sequence : sequences) {
    if (static_cast<std::int64_t>(parts.size()) == sequences_) break;
    const auto left = static_cast<std::int64_t>(sequence.ids().size()) - sequence.cached;
    const std::int64_t count = left == 1 ? 1 : std::min(left, budget);
    if (count <= 0) continue;
    const bool complete = count == left;
    if (!alone || !complete) sequence.drafts.clear();
    const std::int64_t room = context_length_ - sequence.cached - count;
    const auto drafts = std::min(static_cast<std::int64_t>(sequence.drafts.size()),
                                 std::max<std::int64_t>(0, room - 1));
    sequence.drafts.resize(static_cast<std::size_t>(drafts));
    const auto next = sequence.ids().begin() + sequence.cached;
    std::vector<int> tokens(next, next + count);
    tokens.insert(tokens.end(), sequence.drafts.begin(), sequence.drafts.end());
    if (!make_room(sequences, sequence, sequence.cached + count + drafts)) continue;
    if (left > 1) budget -= count;
    const auto first_logits = static_cast<std::int64_t>(rows.size());
    parts.push_back({&sequence, sequence.cached, count, complete ? first_logits : -1});
    for (std::int64_t i = count - 1; complete && i < count + drafts; ++i) {
      rows.push_back(pass.tokens() + i);
    }
    pass.add(tokens, sequence.cached, sequence.cache);
  }
  return parts;
}

/// Gives a sequence's cache pages for `positions`; false if it has to wait. When memory runs out,
/// the last sequences give their caches back and compute them again later: that gives the same bits
/// and lets the first ones end. Throws Error if the first has not enough with all of it.
bool Engine::make_room(std::list<Sequence>& sequences, Sequence& sequence, std::int64_t positions) {
  const auto has = [](const Sequence& s) {
    return static_cast<std::int64_t>(s.cache.pages.size());
  };
  const std::int64_t wanted = pages_of(positions) - has(sequence);
  const bool first = &sequence == &sequences.front();
  if (pool_.pages_free() < wanted + static_cast<std::int64_t>(sequences.size())) {
    remembered_.reset();
  }
  if (!first && sequence.cached == 0) {
    // One that begins must leave the others a page each to go on with, or it would soon be put off.
    const auto all = pages_of(static_cast<std::int64_t>(sequence.ids().size()));
    if (pool_.pages_free() < all + static_cast<std::int64_t>(sequences.size())) return false;
  }
  for (auto last = sequences.rbegin(); pool_.pages_free() < wanted && &*last != &sequence; ++last) {
    last->drop_cache();
  }
  if (!first && pool_.pages_free() < wanted) return false;
  sequence.cache.reserve(positions);
  return true;
}

/// When the prompt is complete, the other answers to it begin: with a copy of its cache if there is
/// room for them now.
void Engine::add_siblings(std::list<Sequence>& sequences, const Sequence& first,
                          std::size_t& siblings, const std::function<void(Sequence&)>& start) {
  for (; siblings > 0; --siblings) {
    sequences.push_back(first.sibling(siblings, siblings));
    Sequence& sibling = sequences.back();
    const auto count = static_cast<std::int64_t>(sequences.size());
    if (count <= sequences_ && pool_.pages_free() > count) {
      sibling.cache = first.cache.fork(first.cached);
      sibling.cached = first.cached;
    }
    start(sibling);
  }
}

/// Takes tokens as long as the drafts hold. Each is drawn from the model's own distribution, so the
/// drafts change how many tokens a pass gives, never which.
void Engine::accept(Sequence& sequence, const Tensor& logits, std::int64_t first_row,
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
  remembered_.reset();
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
      const Tensor some = first_rows(hidden, row, std::min(kRows, hidden.rows() - row));
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
