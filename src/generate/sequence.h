// One answer in the making: which tokens there are, what may be shown, when it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/tokenizer.h"
#include "generate/page_pool.h"
#include "generate/sampler.h"
#include "generate/token_mask.h"

namespace r1 {

enum class Speculation : std::uint8_t {
  none,
  lookup,      // drafts from what followed the last tokens earlier in the text
  prediction,  // drafts from the model's multi-token prediction layer
};

struct GenerateOptions {
  SamplingOptions sampling;
  std::int64_t max_tokens = 32768;
  bool ignore_end = false;        // end-of-text tokens don't end the answer
  std::vector<std::string> stop;  // texts that end the answer and are not part of it
  /// Tokens of thinking after which </think> is forced; less than 0: no limit.
  std::int64_t thinking_budget = -1;
  bool starts_in_thinking = false;  // the prompt ends in an opened <think>
  int top_logprobs = 0;
  bool report_kept = false;  // samples tell what was left to draw from (Sample::kept)
  Speculation speculation = Speculation::none;
  int draft_tokens = 8;  // at most so many drafts a step (lookup)
  /// Of what comes after the thinking; empty: any text. Thinking doesn't end such an answer.
  AnswerGrammar grammar{};

  /// Throws Error naming the option that is out of its range.
  void check() const;
};

/// One token as it is generated.
struct GeneratedToken {
  Sample sample;
  std::string text;  // what may be shown now: whole characters, no part of a stop text
};

struct Answer {
  std::vector<int> ids;
  std::vector<Sample> samples;  // one an id
  std::string text;
  std::string finish_reason;  // "stop", "length" or "cancelled"
  std::int64_t prompt_tokens = 0;
  std::int64_t reused_tokens = 0;  // of the prompt, whose cache was there already
  std::int64_t drafted = 0, accepted = 0;
  double prompt_seconds = 0, decode_seconds = 0;
};

class Sequence {
 public:
  /// Without a tokenizer there are ids and no text. `index` is the answer's place among those asked
  /// for, `stream` its stream of random numbers.
  Sequence(const Tokenizer* tokenizer, PagePool& pool, std::vector<int> prompt,
           const GenerateOptions& options, std::size_t index, std::uint64_t stream);
  /// Another answer to the same prompt, with nothing in its cache.
  Sequence sibling(std::size_t index, std::uint64_t stream) const;

  std::size_t index() const { return index_; }
  const GenerateOptions& options() const { return *options_; }
  const std::vector<int>& ids() const { return ids_; }
  std::int64_t prompt_tokens() const { return prompt_tokens_; }
  bool finished() const { return !answer_.finish_reason.empty(); }
  bool cancelled() const { return answer_.finish_reason == "cancelled"; }
  void cancel() { answer_.finish_reason = "cancelled"; }
  /// Gives the cache back; the positions are to be computed again.
  void drop_cache();
  Answer& answer() { return answer_; }

  /// Draws the next token from the logits that follow the last one; what comes out may be shown.
  /// `room`: how many more tokens the context holds.
  GeneratedToken accept(std::span<const float> logits, std::int64_t room);

  PooledCache cache;
  std::int64_t cached = 0;  // positions whose rows are in the cache
  std::vector<int> drafts;  // guesses of the tokens after the last

 private:
  Sample draw(std::span<const float> logits) const;
  Sample draw_masked(std::span<const float> logits);
  static Sample forced(std::span<const float> logits, int id);
  void watch_thinking(int id);
  void limit_thinking();
  void close_thinking();
  bool ends_answer(int id) const;
  std::string show(int id);
  std::string finish(const std::string& reason);

  const Tokenizer* tokenizer_;
  const GenerateOptions* options_;
  std::size_t index_;
  std::uint64_t stream_;
  std::vector<int> ids_;
  std::int64_t prompt_tokens_;
  Answer answer_;
  std::optional<StreamDecoder> decoder_;
  std::string held_;  // decoded, but perhaps the beginning of a stop text
  bool thinking_;
  std::int64_t thought_ = 0;  // tokens of thinking so far
  std::string tag_tail_;      // the last bytes generated, where a tag of thinking may have begun
  std::vector<int> forced_;   // ids that come next whatever the logits say, last first
  std::optional<TokenMask> mask_;
};

}  // namespace r1
