// Which of a model's answers are good enough to learn from: rejection sampling.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/scored_rollouts.h"

namespace r1 {

struct SelectionOptions {
  bool correct = true;                   // only those that the task's verifier accepts
  std::int64_t per_question = 1;         // at most so many
  std::int64_t least_tokens = 1;         // of an answer
  std::int64_t most_tokens = 1LL << 40;  // those that were cut off never count
  std::string language;                  // "": any
  double language_share = 0.95;          // of the words, at least, in that language

  /// Keys correct, per_question, least_tokens, most_tokens, language, language_share.
  static SelectionOptions read(const Section& section);
};

/// The answers of a group that are kept, by their places: the first ones of all that are as the
/// options say; two that differ only in white space are one.
std::vector<std::size_t> selected(const ScoredGroup& group, const SelectionOptions& options);

}  // namespace r1
