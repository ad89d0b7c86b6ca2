#include "learn/advantages.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1 {
namespace {

TEST(Advantages, are_the_distance_to_the_groups_mean_by_the_deviation_asked_for) {
  const double rewards[] = {0, 1, 4, 2};
  // The sample deviation of two rewards is their distance by the root of two; the batch's mean is
  // 1.75, its squares 8.75.
  const double one = 0.5 / (std::sqrt(0.5) + 1e-4), two = 1 / (std::sqrt(2.0) + 1e-4);
  const auto group = advantages(rewards, 2, RewardScale::group);
  const auto batch = advantages(rewards, 2, RewardScale::batch);
  const double by = std::sqrt(8.75 / 3) + 1e-4;
  const double want_group[] = {-one, one, two, -two};
  const double want_batch[] = {-0.5 / by, 0.5 / by, 1 / by, -1 / by};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(group[i], want_group[i], 1e-14);
    EXPECT_NEAR(batch[i], want_batch[i], 1e-14);
  }
  EXPECT_EQ(advantages(rewards, 2, RewardScale::none), (std::vector<double>{-0.5, 0.5, 1, -1}));
  EXPECT_EQ(paper_advantages(rewards, 2), (std::vector<double>{-1, 1, 1, -1}));
}

TEST(Advantages, equal_rewards_are_exactly_zero) {
  const std::vector<double> equal(10, 1.1), zeros(10, 0.0);
  for (const RewardScale scale : {RewardScale::group, RewardScale::batch, RewardScale::none}) {
    EXPECT_EQ(advantages(equal, 10, scale), zeros);
    EXPECT_EQ(advantages(equal, 1, scale), zeros);
  }
  EXPECT_EQ(paper_advantages(equal, 5), zeros);
}

}  // namespace
}  // namespace r1
