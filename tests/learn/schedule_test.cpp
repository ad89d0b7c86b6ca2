#include "learn/schedule.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

Schedule schedule_of(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "r.toml", "[[stage]]\n" + text);
  const Recipe recipe = Recipe::open(folder / "r.toml");
  return Schedule::read(recipe.root().tables("stage")[0], 1e-5);
}

TEST(Schedule, warms_up_then_stays_or_falls_to_a_tenth) {
  const Schedule constant = schedule_of("learning_rate = 2e-4\nwarmup_steps = 4\n");
  EXPECT_DOUBLE_EQ(constant.rate(0, 100), 0.5e-4);
  EXPECT_DOUBLE_EQ(constant.rate(3, 100), 2e-4);
  EXPECT_DOUBLE_EQ(constant.rate(99, 100), 2e-4);
  const Schedule cosine = schedule_of("learning_rate = 1\nschedule = 'cosine'\n");
  EXPECT_DOUBLE_EQ(cosine.rate(0, 100), 1);
  EXPECT_NEAR(cosine.rate(50, 100), 0.55, 1e-12);
  EXPECT_NEAR(cosine.rate(99, 100), 0.1, 1e-3);
  const Schedule linear = schedule_of("learning_rate = 1\nschedule = 'linear'\nfinal_rate = 0\n");
  EXPECT_NEAR(linear.rate(25, 100), 0.75, 1e-12);
}

TEST(Schedule, steps_are_those_of_deepseek_llm) {
  const Schedule stepped = schedule_of("learning_rate = 1\nschedule = 'stepped'\n");
  EXPECT_DOUBLE_EQ(stepped.rate(79, 100), 1);
  EXPECT_DOUBLE_EQ(stepped.rate(80, 100), 0.316);
  EXPECT_DOUBLE_EQ(stepped.rate(95, 100), 0.1);
}

// 2,000 steps to 2.2e-4, constant to 10T tokens, cosine to 2.2e-5 over 4.3T, 333B there, 167B at
// 7.3e-6; here a step is a billion tokens, and the warm-up 10 of them.
TEST(Schedule, deepseek_v3s_is_made_of_phases) {
  const Schedule v3 = schedule_of(
      "learning_rate = 2.2e-4\nwarmup_steps = 10\nschedule = 'phases'\n"
      "phase = [{ until = 0.6754, rate = 1 }, { until = 0.9662, rate = 0.1, shape = 'cosine' },"
      " { until = 0.9887, rate = 0.1 }, { until = 1, rate = 0.0332 }]\n");
  EXPECT_DOUBLE_EQ(v3.rate(4, 14800), 1.1e-4);
  EXPECT_DOUBLE_EQ(v3.rate(9000, 14800), 2.2e-4);
  EXPECT_NEAR(v3.rate(12150, 14800), 1.21e-4, 1e-6);
  EXPECT_NEAR(v3.rate(14400, 14800), 2.2e-5, 1e-9);
  EXPECT_NEAR(v3.rate(14799, 14800), 7.3e-6, 1e-8);
}

TEST(Schedule, phases_must_end_with_the_stage) {
  EXPECT_THROW(schedule_of("schedule = 'phases'\nphase = [{ until = 0.5, rate = 1 }]\n"), Error);
  EXPECT_THROW(schedule_of("schedule = 'phases'\n"), Error);
  EXPECT_THROW(schedule_of("schedule = 'phases'\nphase = [{ until = 0.5, rate = 1 }, "
                           "{ until = 0.4, rate = 1 }, { until = 1, rate = 1 }]\n"),
               Error);
}

}  // namespace
}  // namespace r1
