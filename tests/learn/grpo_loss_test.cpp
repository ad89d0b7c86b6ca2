#include "learn/grpo_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/random.h"
#include "ops/tape.h"

namespace r1 {
namespace {

/// Two answers, of two and three tokens (and one that doesn't count), with advantages 1 and -1 and
/// ratios of new to old probability of 3/2, 1/2 and 3/2, 1/2, 1.
struct Small {
  std::vector<double> log_probabilities;
  AnswerBatch batch;

  Small() {
    const double ratios[] = {1.5, 0.5, 1.5, 0.5, 1.0, 9.0};
    const double references[] = {2.0, 1.0, 0.5, 1.0, 1.0, 7.0};  // reference by new probability
    batch.advantages = {1, -1};
    batch.lengths = {2, 4};
    batch.counts = {1, 1, 1, 1, 1, 0};
    for (std::size_t t = 0; t < 6; ++t) {
      log_probabilities.push_back(-0.25 * static_cast<double>(t + 1));
      batch.old.push_back(log_probabilities[t] - std::log(ratios[t]));
      batch.reference.push_back(log_probabilities[t] + std::log(references[t]));
    }
    batch.batch_tokens = 5;
  }
  GrpoGradient computed(const GrpoOptions& options) const {
    return grpo_gradient(log_probabilities, batch, options);
  }
};

void expect_numbers(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t t = 0; t < want.size(); ++t) EXPECT_NEAR(got[t], want[t], 1e-14) << t;
}

TEST(GrpoLoss, clips_each_token_and_averages_over_answers_first) {
  const auto got = Small().computed({});
  // (-(1.2 + 0.5) / 2 + (1.5 + 0.8 + 1) / 3) / 2
  EXPECT_NEAR(got.loss, 0.125, 1e-14);
  expect_numbers(got.gradient, {0, -0.125, 0.25, 0, 1.0 / 6, 0});
  EXPECT_NEAR(got.figures.clipped_low, 0.2, 1e-15);
  EXPECT_NEAR(got.figures.clipped_high, 0.2, 1e-15);
}

TEST(GrpoLoss, the_divergence_is_schulmans_k3) {
  const auto got = Small().computed({.kl_weight = 0.1});
  const double two = 1 - std::log(2.0), half = std::log(2.0) - 0.5;
  EXPECT_NEAR(got.loss, 0.125 + 0.1 * (two / 4 + half / 6), 1e-14);
  EXPECT_NEAR(got.figures.mean_kl, (two + half) / 5, 1e-14);
  expect_numbers(got.gradient, {-0.1 / 4, -0.125, 0.25 + 0.1 * 0.5 / 6, 0, 1.0 / 6, 0});
}

TEST(GrpoLoss, dapo_clips_higher_and_averages_over_tokens) {
  const auto got = Small().computed({.mean = TokenMean::batch, .clip_high = 0.28});
  EXPECT_NEAR(got.loss, (-1.28 - 0.5 + 1.5 + 0.8 + 1) / 5, 1e-14);
  expect_numbers(got.gradient, {0, -0.1, 0.3, 0, 0.2, 0});
}

TEST(GrpoLoss, dr_grpo_divides_by_the_longest_length) {
  const auto got = Small().computed({.mean = TokenMean::longest, .longest_answer = 5});
  EXPECT_NEAR(got.loss, (-1.2 - 0.5 + 1.5 + 0.8 + 1) / 10, 1e-14);
  expect_numbers(got.gradient, {0, -0.05, 0.15, 0, 0.1, 0});
}

TEST(GrpoLoss, gspo_has_one_ratio_an_answer) {
  const auto got =
      Small().computed({.ratio = RatioLevel::sequence, .clip_low = 0.1, .clip_high = 0.1});
  const double first = std::sqrt(0.75), second = std::cbrt(0.75);
  EXPECT_NEAR(got.loss, (second - first) / 2, 1e-14);
  expect_numbers(got.gradient, {-first / 4, -first / 4, second / 6, second / 6, second / 6, 0});
}

TEST(GrpoLoss, an_answer_far_off_its_policy_stays_finite_where_the_objective_is) {
  Small far;
  far.batch.advantages = {1, 0};
  far.batch.old[0] = far.batch.old[2] = -1e6;  // ratios beyond what a double holds
  const auto got = far.computed({});
  EXPECT_NEAR(got.loss, -(1.2 + 0.5) / 4, 1e-14);
  for (const double number : got.gradient) EXPECT_TRUE(std::isfinite(number));
}

TEST(GrpoLoss, micro_batches_add_up_to_the_batch) {
  const Small whole;
  for (const TokenMean mean : {TokenMean::answer, TokenMean::batch, TokenMean::longest}) {
    const GrpoOptions options{.mean = mean, .kl_weight = 0.3, .longest_answer = 7};
    double sum = 0;
    std::vector<double> gradient;
    for (std::size_t i = 0, begin = 0; i < 2; ++i) {
      const auto size = static_cast<std::size_t>(whole.batch.lengths[i]);
      const auto part = [&](const auto& numbers) {
        const auto from = numbers.begin() + static_cast<std::ptrdiff_t>(begin);
        return std::decay_t<decltype(numbers)>(from, from + static_cast<std::ptrdiff_t>(size));
      };
      AnswerBatch micro{{whole.batch.advantages[i]}, {whole.batch.lengths[i]},
                        part(whole.batch.counts),    part(whole.batch.old),
                        part(whole.batch.reference), 2,
                        whole.batch.batch_tokens};
      const auto got = grpo_gradient(part(whole.log_probabilities), micro, options);
      sum += got.loss;
      gradient.insert(gradient.end(), got.gradient.begin(), got.gradient.end());
      begin += size;
    }
    const auto want = whole.computed(options);
    EXPECT_NEAR(sum, want.loss, 1e-14);
    expect_numbers(gradient, want.gradient);
  }
}

/// Five answers of up to eight tokens near their old policy, a third of the tokens not counting.
Small random_answers(std::uint64_t seed) {
  Random random(seed, 0);
  Small made;
  made.log_probabilities.clear();
  made.batch = {};
  const auto uniform = [&] { return random.uniform(); };
  for (const std::int64_t length : {8, 1, 0, 5, 7}) {
    made.batch.advantages.push_back(2 * uniform() - 1);
    made.batch.lengths.push_back(length);
    for (std::int64_t t = 0; t < length; ++t) {
      const double now = -3 * uniform();
      made.log_probabilities.push_back(now);
      made.batch.counts.push_back(uniform() < 0.67 ? 1 : 0);
      made.batch.old.push_back(now + 0.8 * uniform() - 0.4);
      made.batch.reference.push_back(now + uniform() - 0.5);
    }
  }
  made.batch.batch_tokens = 40;
  return made;
}

TEST(GrpoLoss, gradients_are_those_of_differences) {
  constexpr double kStep = 1e-6;
  for (const TokenMean mean :
       {TokenMean::answer, TokenMean::micro_batch, TokenMean::batch, TokenMean::longest}) {
    for (const RatioLevel ratio : {RatioLevel::token, RatioLevel::sequence}) {
      for (const std::optional<double> limit : {std::optional<double>(), std::optional(1.3)}) {
        GrpoOptions options{.mean = mean, .ratio = ratio, .clip_high = 0.15, .ratio_limit = limit};
        options.clip_low = 0.1;
        options.kl_weight = 0.2;
        options.longest_answer = 8;
        Small answers = random_answers(3);
        const auto got = answers.computed(options);
        for (std::size_t t = 0; t < got.gradient.size(); ++t) {
          const double at = answers.log_probabilities[t];
          answers.log_probabilities[t] = at + kStep;
          const double above = answers.computed(options).loss;
          answers.log_probabilities[t] = at - kStep;
          const double below = answers.computed(options).loss;
          answers.log_probabilities[t] = at;
          EXPECT_NEAR(got.gradient[t], (above - below) / (2 * kStep), 1e-9) << t;
        }
      }
    }
  }
}

TEST(GrpoLoss, the_tape_carries_the_gradient_on) {
  const Small answers = random_answers(4);
  const std::vector<float> floats(answers.log_probabilities.begin(),
                                  answers.log_probabilities.end());
  const GrpoOptions options{.kl_weight = 0.1};
  const std::vector<double> rounded(floats.begin(), floats.end());
  const auto want = grpo_gradient(rounded, answers.batch, options);
  const Tensor x = Tensor::of({static_cast<std::int64_t>(floats.size())}, floats);
  Tape tape;
  const Tape::Scope scope(tape);
  const GrpoLoss got = grpo_loss(x, answers.batch, options);
  EXPECT_EQ(got.loss.data()[0], static_cast<float>(want.loss));
  EXPECT_EQ(got.figures.mean_kl, want.figures.mean_kl);
  tape.backward(got.loss, 2.0f);
  for (std::size_t t = 0; t < floats.size(); ++t) {
    EXPECT_EQ(x.gradient().data()[t], static_cast<float>(2 * want.gradient[t])) << t;
  }
}

}  // namespace
}  // namespace r1
