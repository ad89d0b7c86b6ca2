// What the learning model answers: the samples that reinforcement learning learns from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/tokenizer.h"
#include "models/model.h"
#include "ops/token_distribution.h"

namespace r1 {

struct RolloutOptions {
  std::int64_t group = 8;          // answers to each prompt
  std::int64_t max_tokens = 1024;  // of an answer
  double temperature = 1.0;        // 0: the most probable tokens, for measuring
  double top_p = 1.0, min_p = 0.0;
  int top_k = 0;
  std::vector<std::string> stop;  // texts that end an answer, beside the model's own ends
  std::uint64_t seed = 0;
  std::int64_t sequences = 64;  // computed in one pass
  std::int64_t chunk = 512;     // tokens of prompts computed in one pass

  /// Throws Error naming the option that is out of its range.
  void check() const;
};

/// One answer. Its tokens are kept as they were drawn and are never made from the text again.
struct Rollout {
  std::vector<int> ids;                  // with the token that ended it
  std::vector<float> log_probabilities;  // of each token, in the distribution it was drawn from
  KeptTokens kept;                       // what cuts left to draw each token from
  std::string text;                      // as decoded, without special tokens
  bool truncated = false;                // it came to max_tokens
};

struct RolloutGroup {
  std::vector<int> prompt;
  std::vector<Rollout> answers;
};

/// The stream of random numbers of one answer: another one for each (step, prompt, answer) of a
/// run. Throws Error beyond 2^24 steps, 2^24 prompts a step or 2^16 answers.
std::uint64_t rollout_stream(std::int64_t step, std::int64_t prompt, std::int64_t answer);

/// What a call took.
struct RolloutFigures {
  std::int64_t prompt_tokens = 0, answer_tokens = 0;
  double seconds = 0;
};

/// Groups of answers to all prompts, by the weights as they are now, computed together as far as
/// memory allows; a group's prompt is computed once. The numbers are those in which the model
/// learns, so PackedPass and GroupPass find the same log-probabilities to the last bit. Prompt i is
/// number `first_prompt` + i of the step. Throws Error for a prompt that is empty or too long.
std::vector<RolloutGroup> roll_out(const Model& model, const Tokenizer& tokenizer,
                                   std::span<const std::vector<int>> prompts,
                                   const RolloutOptions& options, std::int64_t step,
                                   std::int64_t first_prompt = 0,
                                   RolloutFigures* figures = nullptr);

/// How a group's tokens were drawn, answer after answer, as log_probabilities() wants it.
TokenDistribution distribution_of(std::span<const Rollout* const> answers, double temperature);

}  // namespace r1
