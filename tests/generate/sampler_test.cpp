#include "generate/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "kernels/elementwise.h"
#include "ops/token_distribution.h"

namespace r1 {
namespace {

std::vector<float> random_logits(std::size_t count, std::uint64_t seed, float deviation = 2.0f) {
  std::vector<float> logits(count);
  fill_normal(seed, 0, 0, logits, deviation);
  return logits;
}

/// The distribution, step by step as the options are documented: id to probability.
std::map<int, double> plain_distribution(std::vector<float> logits, const TokenHistory& history,
                                         const SamplingOptions& o) {
  std::map<int, int> seen, generated;
  for (const int id : history.all) ++seen[id];
  for (const int id : history.generated) ++generated[id];
  std::vector<std::pair<double, int>> all;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const int id = static_cast<int>(i);
    double logit = logits[i];
    if (seen.count(id) > 0) {
      logit = logit > 0 ? logit / o.repetition_penalty : logit * o.repetition_penalty;
    }
    if (generated.count(id) > 0) {
      logit -= o.presence_penalty + o.frequency_penalty * generated[id];
    }
    for (const auto& [biased, bias] : o.logit_bias) logit += biased == id ? bias : 0.0f;
    all.emplace_back(std::exp(logit / o.temperature), id);
  }
  std::sort(all.begin(), all.end(), std::greater<>());
  const auto normalise = [&] {
    double sum = 0;
    for (const auto& [p, id] : all) sum += p;
    for (auto& [p, id] : all) p /= sum;
  };
  if (o.top_k > 0 && static_cast<std::size_t>(o.top_k) < all.size()) {
    all.resize(static_cast<std::size_t>(o.top_k));
  }
  normalise();
  double sum = 0;
  std::size_t nucleus = 0;
  while (nucleus < all.size() && sum < o.top_p) sum += all[nucleus++].first;
  if (o.top_p < 1) all.resize(nucleus);
  const double least = o.min_p * all[0].first;
  while (all.back().first < least) all.pop_back();
  normalise();
  std::map<int, double> result;
  for (const auto& [p, id] : all) result[id] = p;
  return result;
}

std::vector<SamplingOptions> many_options() {
  const std::vector<std::pair<int, float>> kNone, kBiases = {{9, 2.0f}, {40, -1.5f}};
  std::vector<SamplingOptions> many;
  for (const double temperature : {0.5, 1.0, 1.7}) {
    for (const int top_k : {0, 5, 40, 1000}) {
      for (const double top_p : {1.0, 0.9, 0.3}) {
        for (const double min_p : {0.0, 0.05, 0.5}) {
          for (const double penalty : {0.0, 0.7}) {
            many.push_back({.temperature = temperature,
                            .top_k = top_k,
                            .top_p = top_p,
                            .min_p = min_p,
                            .repetition_penalty = 1.0 + penalty,
                            .presence_penalty = penalty,
                            .frequency_penalty = penalty / 2,
                            .logit_bias = penalty > 0 ? kBiases : kNone});
          }
        }
      }
    }
  }
  return many;
}

TEST(Sampler, keeps_the_tokens_and_probabilities_of_the_plain_definition) {
  const std::vector<int> all = {3, 9, 9, 20, 21, 22}, generated = {20, 21, 21};
  std::uint64_t seed = 0;
  for (const SamplingOptions& options : many_options()) {
    const auto logits = random_logits(200, ++seed);
    const TokenHistory history = {all, generated};
    const auto want = plain_distribution(logits, history, options);
    const Sample got = r1::sample(logits, history, options, 0, 0, {.top = 200});
    ASSERT_EQ(got.top.size(), want.size()) << "set of options " << seed;
    for (const TokenProbability& token : got.top) {
      ASSERT_EQ(want.count(token.id), 1U);
      EXPECT_NEAR(token.logprob, std::log(want.at(token.id)), 1e-5);
    }
    ASSERT_EQ(want.count(got.id), 1U);
    EXPECT_NEAR(got.logprob, std::log(want.at(got.id)), 1e-5);
    EXPECT_TRUE(std::is_sorted(got.top.begin(), got.top.end(),
                               [](auto& a, auto& b) { return a.logprob > b.logprob; }));
  }
}

TEST(Sampler, draws_follow_the_distribution) {
  for (const SamplingOptions& options :
       {SamplingOptions{.temperature = 1.0, .top_p = 1.0},
        SamplingOptions{.temperature = 0.7, .top_k = 20, .top_p = 0.9, .seed = 5}}) {
    const auto logits = random_logits(60, 1, 1.0f);
    const auto want = plain_distribution(logits, {}, options);
    std::map<int, double> counts;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
      ++counts[r1::sample(logits, {}, options, 0, static_cast<std::uint64_t>(i)).id];
    }
    double chi_square = 0;
    for (const auto& [id, p] : want) {
      chi_square += std::pow(counts[id] - p * kDraws, 2) / (p * kDraws);
    }
    EXPECT_EQ(counts.size(), want.size());
    // Mean and variance of the statistic are its degrees of freedom and twice that.
    const auto freedom = static_cast<double>(want.size() - 1);
    EXPECT_LT(chi_square, freedom + 4 * std::sqrt(2 * freedom));
    EXPECT_GT(chi_square, freedom - 4 * std::sqrt(2 * freedom));
  }
}

TEST(Sampler, a_draw_depends_on_seed_stream_and_position_alone) {
  const auto logits = random_logits(1000, 2);
  SamplingOptions options = {.temperature = 1.5, .top_p = 1.0, .seed = 1};
  const auto draws = [&](std::uint64_t stream) {
    std::vector<int> ids;
    for (std::uint64_t i = 0; i < 20; ++i)
      ids.push_back(r1::sample(logits, {}, options, stream, i).id);
    return ids;
  };
  const std::vector<int> first = draws(0);
  EXPECT_EQ(first, draws(0));
  EXPECT_NE(first, draws(1));
  EXPECT_NE(std::adjacent_find(first.begin(), first.end(), std::not_equal_to<>()), first.end());
  options.seed = 2;
  EXPECT_NE(first, draws(0));
}

TEST(Sampler, at_temperature_0_the_first_of_the_most_probable_comes) {
  const std::vector<float> logits = {0, 3, 1, 3};
  const Sample got = r1::sample(logits, {}, {.temperature = 0}, 0, 0, {.top = 2});
  EXPECT_EQ(got.id, 1);
  EXPECT_NEAR(got.logprob, 3 - std::log(1 + 2 * std::exp(3) + std::exp(1)), 1e-6);
  ASSERT_EQ(got.top.size(), 2U);
  EXPECT_EQ(got.top[1].id, 3);
}

TEST(Sampler, without_cuts_the_probability_is_that_of_scoring_to_the_last_bit) {
  const auto logits = random_logits(5000, 3);
  const double total = log_sum_exp(logits.data(), 5000);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Sample got = r1::sample(logits, {}, {.temperature = 1.0, .top_p = 1.0}, 0, i);
    const float logit = logits[static_cast<std::size_t>(got.id)];
    EXPECT_EQ(got.logprob, static_cast<float>(static_cast<double>(logit) - total));
  }
}

// What was kept, and the logits, are all that the trainer needs to find the very same bits.
TEST(Sampler, after_cuts_the_probability_is_that_of_what_was_kept_to_the_last_bit) {
  std::size_t cut = 0;
  for (const SamplingOptions& options : many_options()) {
    if (options.repetition_penalty != 1.0) continue;
    auto logits = random_logits(300, 4);
    std::vector<Sample> samples;
    for (std::uint64_t i = 0; i < 20; ++i) {
      samples.push_back(r1::sample(logits, {}, options, 0, i, {.top = 300, .kept = true}));
    }
    apply_temperature(logits, options.temperature);
    for (const Sample& got : samples) {
      EXPECT_TRUE(std::is_sorted(got.kept.begin(), got.kept.end()));
      EXPECT_EQ(got.kept.empty() ? 300 : got.kept.size(), got.top.size());
      if (!got.kept.empty()) {
        EXPECT_TRUE(std::binary_search(got.kept.begin(), got.kept.end(), got.id));
      }
      EXPECT_EQ(got.logprob, log_probability(logits[static_cast<std::size_t>(got.id)],
                                             log_total(logits, got.kept)));
      if (!got.kept.empty() && got.kept.size() < 300) ++cut;
    }
  }
  EXPECT_GT(cut, 100U);
}

TEST(Sampler, draws_of_a_large_vocabulary_follow_the_distribution_in_all_its_parts) {
  const auto logits = random_logits(5000, 6, 1.0f);
  const auto want = plain_distribution(logits, {}, {.temperature = 1.0, .top_p = 1.0});
  constexpr int kDraws = 50000, kParts = 100;
  std::vector<double> counts(kParts), expected(kParts);
  for (const auto& [id, p] : want) expected[static_cast<std::size_t>(id % kParts)] += p * kDraws;
  for (int i = 0; i < kDraws; ++i) {
    const Sample got = r1::sample(logits, {}, {.temperature = 1.0, .top_p = 1.0}, 0,
                                  static_cast<std::uint64_t>(i));
    ++counts[static_cast<std::size_t>(got.id % kParts)];
  }
  double chi_square = 0;
  for (std::size_t i = 0; i < kParts; ++i) {
    chi_square += std::pow(counts[i] - expected[i], 2) / expected[i];
  }
  EXPECT_LT(chi_square, kParts - 1 + 4 * std::sqrt(2.0 * (kParts - 1)));
}

TEST(Sampler, logits_that_are_no_numbers_are_an_error) {
  for (const double temperature : {0.0, 1.0}) {
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      for (const std::size_t place : {0, 2}) {
        std::vector<float> logits = {1, 2, 3, 4};
        logits[place] = bad;
        EXPECT_THROW(r1::sample(logits, {}, {.temperature = temperature}, 0, 0), Error);
      }
    }
  }
}

}  // namespace
}  // namespace r1
