// The loss of group relative policy optimization and its variants, by log-probabilities of tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace r1 {

/// How the losses of tokens become one number, in a batch that is cut into m equal micro-batches
/// of B answers each.
enum class TokenMean {
  answer,       // mean over each answer, then over answers: GRPO (DeepSeekMath, R1)
  micro_batch,  // mean over the tokens of each micro-batch, over m: TRL's BNPO
  batch,        // sum over the tokens of the whole batch: DAPO (arXiv 2503.14476)
  longest,      // sum over B times the longest length allowed, over m: Dr. GRPO (arXiv 2503.20783)
};

/// What is clipped: each token's ratio of new to old probability, or one ratio an answer, the
/// geometric mean over its tokens: GSPO (arXiv 2507.18071).
enum class RatioLevel { token, sequence };

struct GrpoOptions {
  TokenMean mean = TokenMean::answer;
  RatioLevel ratio = RatioLevel::token;
  double clip_low = 0.2, clip_high = 0.2;  // the ratio is clipped to 1 - clip_low .. 1 + clip_high
  std::optional<double> ratio_limit =
      std::nullopt;                 // bounds the unclipped ratio too (two-sided clipping)
  double kl_weight = 0.0;           // of the divergence from the reference policy
  std::int64_t longest_answer = 0;  // tokens; for TokenMean::longest
};

/// The answers of one micro-batch. Their tokens lie one answer after the other.
struct AnswerBatch {
  std::vector<double> advantages;     // [answers]
  std::vector<std::int64_t> lengths;  // [answers], in tokens, whether these count or not
  /// [tokens]: 1 for what the policy wrote, 0 for prompts and what tools answered, whose
  /// log-probabilities don't matter.
  std::vector<std::uint8_t> counts;
  std::vector<double> old;        // [tokens], of the policy that answered; empty: the new ones
  std::vector<double> reference;  // [tokens], of the reference policy; empty without a KL term
  std::int64_t micro_batches = 1;
  std::int64_t batch_tokens = 0;  // that count, in all micro-batches; for TokenMean::batch
};

/// Shares of tokens (of answers with RatioLevel::sequence) whose ratio was clipped against their
/// advantage, and the mean over tokens of the divergence from the reference.
struct GrpoFigures {
  double clipped_low = 0, clipped_high = 0, mean_kl = 0;
};

struct GrpoGradient {
  double loss = 0;
  std::vector<double> gradient;  // [tokens]: of the loss by the new log-probabilities
  GrpoFigures figures;
};

/// With rho = exp(new - old), A the advantage and d = reference - new, a token's loss is
/// -min(rho A, clip(rho) A) + kl_weight (exp(d) - d - 1), the last being Schulman's estimator k3 of
/// the KL divergence. The losses of a batch's micro-batches add up to the batch's.
GrpoGradient grpo_gradient(std::span<const double> log_probabilities, const AnswerBatch& batch,
                           const GrpoOptions& options);

struct GrpoLoss {
  Tensor loss;  // [1]
  GrpoFigures figures;
};
/// The same on the tape: log_probabilities [tokens]. Computed in double, but for what it is given
/// and what it gives.
GrpoLoss grpo_loss(const Tensor& log_probabilities, const AnswerBatch& batch,
                   const GrpoOptions& options);

}  // namespace r1
