// A model's forward over groups of answers, each group's prompt computed once.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "learn/packed_pass.h"
#include "models/model.h"
#include "models/owned_cache.h"
#include "ops/token_distribution.h"

namespace r1 {

/// A prompt and answers to it, as token ids.
struct PromptAnswers {
  std::vector<int> prompt;
  std::vector<std::vector<int>> answers;
};

/// Answers see their prompt and themselves. The forward is that of generation, bit for bit; in
/// backward the gradients that reach a prompt from its answers are added up, answer after answer,
/// and go through it once. Model and GroupPass must live until the tape's backward.
class GroupPass {
 public:
  /// Throws Error for an empty prompt or answer, or an id that the model doesn't know.
  GroupPass(const Model& model, std::span<const PromptAnswers> groups,
            const PackedOptions& options = {});
  GroupPass(const GroupPass&) = delete;
  GroupPass& operator=(const GroupPass&) = delete;

  /// Of the answers' tokens, answer after answer, if they are drawn as `distribution` says (its
  /// `kept` has an entry for each of these tokens).
  Tensor log_probabilities(const TokenDistribution& distribution = {}) const;
  /// The hidden states that the answers' tokens are predicted from, in the same order.
  Tensor answer_hidden() const;
  /// Tokens that go through the model: an answer's last one doesn't, as nothing follows it.
  std::int64_t tokens() const { return pass_.tokens(); }

 private:
  const Model& model_;
  std::deque<OwnedCache> caches_;
  Pass pass_;
  std::vector<std::int64_t> rows_;  // of hidden_, that the answers' tokens are drawn from
  std::vector<int> ids_;
  Tensor hidden_;
};

}  // namespace r1
