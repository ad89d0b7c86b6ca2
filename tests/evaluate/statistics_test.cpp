#include "evaluate/statistics.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace r1::evaluate {
namespace {

nlohmann::json golden() {
  std::ifstream file(std::filesystem::path(R1_SHARED) / "goldens/grpo/passk.json");
  return file ? nlohmann::json::parse(file) : nlohmann::json();
}

TEST(Statistics, pass_at_k_is_unbiased_as_the_golden_values_say) {
  const auto all = golden();
  if (all.is_null()) GTEST_SKIP() << "R1_SHARED has no goldens/grpo/passk.json";
  for (const auto& one : all["pass_at_k"]) {
    EXPECT_NEAR(pass_at_k(one["n"], one["c"], one["k"]), one["value"].get<double>(), 1e-12) << one;
  }
}

TEST(Statistics, consensus_at_k_is_the_mean_over_all_choices) {
  const auto all = golden();
  if (all.is_null()) GTEST_SKIP() << "R1_SHARED has no goldens/grpo/passk.json";
  for (const auto& one : all["cons_at_k"]) {
    std::map<std::string, std::int64_t> counts;
    std::int64_t silent = 0;
    for (const auto& answer : one["answers"]) {
      if (answer.is_null()) {
        ++silent;
      } else {
        ++counts[answer.get<std::string>()];
      }
    }
    std::vector<std::int64_t> votes = {counts[one["gold"].get<std::string>()]};
    for (const auto& [answer, count] : counts) {
      if (answer != one["gold"]) votes.push_back(count);
    }
    EXPECT_NEAR(consensus_at_k(votes, silent, one["k"]), one["value"].get<double>(), 1e-12) << one;
  }
}

TEST(Statistics, a_small_consensus_by_hand) {
  // Of A A B, two are chosen: A A once, A B twice (half a point each).
  EXPECT_NEAR(consensus_at_k({2, 1}, 0, 2), 2.0 / 3, 1e-15);
  EXPECT_EQ(consensus_at_k({0, 1}, 0, 1), 0);
  EXPECT_EQ(consensus_at_k({0}, 3, 2), 0);
}

TEST(Statistics, bootstrap_intervals_hold_the_mean_and_narrow_with_more_questions) {
  std::vector<double> few, many;
  for (int i = 0; i < 30; ++i) few.push_back(i % 3 == 0 ? 1 : 0);
  for (int i = 0; i < 3000; ++i) many.push_back(i % 3 == 0 ? 1 : 0);
  const Interval wide = bootstrap_interval(few, 1), narrow = bootstrap_interval(many, 1);
  // The normal approximation: 1.96 sqrt(p (1 - p) / n).
  EXPECT_NEAR(wide.high - wide.low, 2 * 0.1687, 0.04);
  EXPECT_NEAR(narrow.high - narrow.low, 2 * 0.01687, 0.002);
  EXPECT_LT(narrow.low, 1.0 / 3);
  EXPECT_GT(narrow.high, 1.0 / 3);
  EXPECT_EQ(bootstrap_interval(few, 1).low, wide.low);
}

TEST(Statistics, paired_tests_see_what_unpaired_intervals_do_not) {
  // Hard and easy questions; the second run is better by a little on each of them.
  std::vector<double> first, second, other;
  for (int i = 0; i < 40; ++i) {
    first.push_back(i < 20 ? 0.1 : 0.8);
    second.push_back(first.back() + 0.05);
    other.push_back(first[static_cast<std::size_t>(i)] + (i % 2 == 0 ? 0.05 : -0.05));
  }
  const PairedTest better = compare_paired(first, second, 7),
                   same = compare_paired(first, other, 7);
  EXPECT_NEAR(better.difference, 0.05, 1e-12);
  EXPECT_LT(better.p, 0.001);
  EXPECT_GT(better.interval.low, 0.04);
  EXPECT_GT(same.p, 0.5);
  EXPECT_EQ(compare_paired(first, first, 7).p, 1);
}

}  // namespace
}  // namespace r1::evaluate
