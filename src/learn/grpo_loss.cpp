#include "learn/grpo_loss.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/tape.h"

namespace r1 {
namespace {

/// -min(rho A, clip(rho) A), its derivative by ln rho, and which clip it met.
struct Surrogate {
  double loss = 0, slope = 0;
  bool low = false, high = false;
};

Surrogate surrogate(double ratio, double advantage, const GrpoOptions& options) {
  if (advantage == 0) return {};  // also where the ratio is infinite
  const double low = 1 - options.clip_low, high = 1 + options.clip_high;
  const double limit = options.ratio_limit.value_or(std::numeric_limits<double>::infinity());
  const double limited = std::min(ratio, limit);
  const double free = limited * advantage;
  const double clipped = std::clamp(ratio, low, high) * advantage;
  const double free_slope = ratio <= limit ? ratio * advantage : 0.0;
  const double clipped_slope = low <= ratio && ratio <= high ? ratio * advantage : 0.0;
  Surrogate result;
  result.loss = -std::min(free, clipped);
  // Where both are equal, the mean of both derivatives, as automatic differentiation has it.
  result.slope = free < clipped   ? -free_slope
                 : clipped < free ? -clipped_slope
                                  : -(free_slope + clipped_slope) / 2;
  result.low = limited < low && advantage < 0;
  result.high = limited > high && advantage > 0;
  return result;
}

/// An answer's tokens within its micro-batch.
struct Answer {
  std::size_t begin, end;
  std::int64_t tokens;  // that count
  double advantage;
};

std::vector<Answer> answers_of(const AnswerBatch& batch) {
  assert(batch.lengths.size() == batch.advantages.size());
  std::vector<Answer> answers;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < batch.lengths.size(); ++i) {
    const std::size_t end = begin + static_cast<std::size_t>(batch.lengths[i]);
    assert(end <= batch.counts.size());
    const auto first = batch.counts.begin();
    answers.push_back({begin, end,
                       std::accumulate(first + static_cast<std::ptrdiff_t>(begin),
                                       first + static_cast<std::ptrdiff_t>(end), std::int64_t{0}),
                       batch.advantages[i]});
    begin = end;
  }
  assert(begin == batch.counts.size());
  return answers;
}

class Computation {
 public:
  Computation(std::span<const double> log_probabilities, const AnswerBatch& batch,
              const GrpoOptions& options)
      : new_(log_probabilities), batch_(batch), options_(options), answers_(answers_of(batch)) {
    assert(new_.size() == batch.counts.size());
    assert(batch.old.empty() || batch.old.size() == new_.size());
    assert(batch.reference.size() == new_.size() ||
           (batch.reference.empty() && options.kl_weight == 0));
    for (const Answer& answer : answers_) tokens_ += answer.tokens;
    result_.gradient.assign(new_.size(), 0.0);
  }

  GrpoGradient run() {
    for (const Answer& answer : answers_) {
      const double weight = token_weight(answer);
      if (options_.ratio == RatioLevel::sequence) {
        add_sequence(answer, weight);
      } else {
        add_tokens(answer, weight);
      }
      if (!batch_.reference.empty()) add_divergence(answer, weight);
    }
    const auto ratios = options_.ratio == RatioLevel::sequence
                            ? static_cast<std::int64_t>(answers_.size())
                            : tokens_;
    result_.figures.clipped_low /= at_least_one(ratios);
    result_.figures.clipped_high /= at_least_one(ratios);
    result_.figures.mean_kl /= at_least_one(tokens_);
    return std::move(result_);
  }

 private:
  static double at_least_one(std::int64_t count) {
    return static_cast<double>(std::max<std::int64_t>(count, 1));
  }

  double token_weight(const Answer& answer) const {
    const auto micro_batches = static_cast<double>(batch_.micro_batches);
    const auto count = static_cast<double>(answers_.size());
    switch (options_.mean) {
      case TokenMean::answer:
        return 1 / (at_least_one(answer.tokens) * count * micro_batches);
      case TokenMean::micro_batch:
        return 1 / (at_least_one(tokens_) * micro_batches);
      case TokenMean::batch:
        return 1 / at_least_one(batch_.batch_tokens);
      case TokenMean::longest:
        break;
    }
    return 1 / (count * at_least_one(options_.longest_answer) * micro_batches);
  }

  double log_ratio(std::size_t t) const {
    return batch_.old.empty() ? 0.0 : new_[t] - batch_.old[t];
  }

  Surrogate counted(double ratio, double advantage) {
    const Surrogate one = surrogate(ratio, advantage, options_);
    if (one.low) ++result_.figures.clipped_low;
    if (one.high) ++result_.figures.clipped_high;
    return one;
  }

  void add_tokens(const Answer& answer, double weight) {
    for (std::size_t t = answer.begin; t < answer.end; ++t) {
      if (batch_.counts[t] == 0) continue;
      const Surrogate one = counted(std::exp(log_ratio(t)), answer.advantage);
      result_.loss += weight * one.loss;
      result_.gradient[t] += weight * one.slope;
    }
  }

  void add_sequence(const Answer& answer, double weight) {
    double sum = 0;
    for (std::size_t t = answer.begin; t < answer.end; ++t) {
      if (batch_.counts[t] != 0) sum += log_ratio(t);
    }
    const Surrogate one = counted(std::exp(sum / at_least_one(answer.tokens)), answer.advantage);
    result_.loss += weight * static_cast<double>(answer.tokens) * one.loss;
    // Each of the n tokens moves ln rho by 1/n, and ln rho moves the losses of all n.
    for (std::size_t t = answer.begin; t < answer.end; ++t) {
      if (batch_.counts[t] != 0) result_.gradient[t] += weight * one.slope;
    }
  }

  void add_divergence(const Answer& answer, double weight) {
    for (std::size_t t = answer.begin; t < answer.end; ++t) {
      if (batch_.counts[t] == 0) continue;
      const double difference = batch_.reference[t] - new_[t];
      const double growth = std::expm1(difference);
      result_.figures.mean_kl += growth - difference;
      if (options_.kl_weight == 0) continue;
      result_.loss += weight * options_.kl_weight * (growth - difference);
      result_.gradient[t] -= weight * options_.kl_weight * growth;
    }
  }

  std::span<const double> new_;
  const AnswerBatch& batch_;
  const GrpoOptions& options_;
  std::vector<Answer> answers_;
  std::int64_t tokens_ = 0;
  GrpoGradient result_;
};

}  // namespace

GrpoGradient grpo_gradient(std::span<const double> log_probabilities, const AnswerBatch& batch,
                           const GrpoOptions& options) {
  return Computation(log_probabilities, batch, options).run();
}

GrpoLoss grpo_loss(const Tensor& log_probabilities, const AnswerBatch& batch,
                   const GrpoOptions& options) {
  const auto floats = log_probabilities.numbers();
  const std::vector<double> doubles(floats.begin(), floats.end());
  GrpoGradient computed = grpo_gradient(doubles, batch, options);
  GrpoLoss result{Tensor::empty({1}), computed.figures};
  result.loss.data()[0] = static_cast<float>(computed.loss);
  if (Tape::recording() == nullptr) return result;
  on_backward(result.loss, [dx = log_probabilities.gradient(),
                            gradient = std::move(computed.gradient)](const float* dy) {
    float* sums = dx.data();
    for (std::size_t t = 0; t < gradient.size(); ++t) {
      sums[t] += static_cast<float>(gradient[t] * static_cast<double>(dy[0]));
    }
  });
  return result;
}

}  // namespace r1
