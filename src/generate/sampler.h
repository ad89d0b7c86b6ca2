// From logits to the next token.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace r1 {

struct SamplingOptions {
  double temperature = 0.6;         // 0: the most probable token
  int top_k = 0;                    // keep the k most probable (0: all)
  double top_p = 0.95;              // keep the smallest set of at least this probability (1: all)
  double min_p = 0.0;               // keep what is at least min_p times as probable as the best
  double repetition_penalty = 1.0;  // divides positive logits of tokens seen (Keskar et al., CTRL)
  double presence_penalty = 0.0;    // subtracted once from logits of tokens generated
  double frequency_penalty = 0.0;   // subtracted for each time
  std::vector<std::pair<int, float>> logit_bias = {};  // added to these tokens' logits
  std::uint64_t seed = 0;

  /// Throws Error naming the option that is out of its range.
  void check() const;
};

struct TokenProbability {
  int id = 0;
  float logprob = 0.0f;
};

/// The token drawn and its natural-log probability in the distribution it was drawn from; at
/// temperature 0, in the model's own distribution (after penalties).
struct Sample : TokenProbability {
  std::vector<TokenProbability> top;  // the most probable of that distribution, if asked for
  /// If asked for, and if cuts left not all of the vocabulary: the ids that were left, ascending.
  std::vector<int> kept;
};

/// What a sample tells besides its token.
struct SampleReport {
  int top = 0;        // so many of the most probable tokens
  bool kept = false;  // what the cuts left
};

/// What the penalties look at.
struct TokenHistory {
  std::span<const int> all;        // prompt and answer
  std::span<const int> generated;  // the answer so far
};

/// Draws from softmax(penalised and biased logits / temperature) cut by top_k, top_p and min_p, in
/// this order. The log-probability has the bits that ops/token_distribution.h gives for these
/// logits and what was kept. Throws Error for logits that are no finite numbers. `stream` and
/// `position` name the random number, so that a draw does not depend on what else is computed.
Sample sample(std::span<const float> logits, const TokenHistory& history,
              const SamplingOptions& options, std::uint64_t stream, std::uint64_t position,
              const SampleReport& report = {});

}  // namespace r1
