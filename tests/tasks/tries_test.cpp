#include "tasks/tries.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>

#include "tasks/task.h"

namespace r1::tasks {
namespace {

bool is_right(int a, char sign, int b, int value) {
  return sign == '+'   ? a + b == value
         : sign == '-' ? a - b == value
         : sign == '*' ? a * b == value
                       : b != 0 && a % b == 0 && a / b == value;
}

TEST(Tries, compute_rightly_in_every_step) {
  const Task task = find_task("countdown");
  for (std::uint64_t i = 0; i < 50; ++i) {
    Random random(1, 2, i * 10000);
    std::istringstream lines(random_tries(random, draw(task, Split::train, 3, i)).thoughts);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream steps(line);
      for (std::string step; std::getline(steps, step, ',');) {
        int a = 0, b = 0, value = 0;
        char sign = 0;
        ASSERT_EQ(std::sscanf(step.c_str(), "%d%c%d=%d", &a, &sign, &b, &value), 4) << line;
        EXPECT_TRUE(is_right(a, sign, b, value)) << line;
      }
    }
  }
}

TEST(Tries, hit_less_often_than_one_time_in_ten) {
  const Task task = find_task("countdown");
  int hits = 0;
  constexpr int kInstances = 2000;
  for (std::uint64_t i = 0; i < kInstances; ++i) {
    Random random(1, 2, i * 10000);
    const Instance instance = draw(task, Split::train, 3, i);
    const std::string answer = random_tries(random, instance).answer;
    hits += verify(task, instance.answer, "\\boxed{" + answer + "}").correct ? 1 : 0;
  }
  EXPECT_GT(hits, kInstances * 4 / 100);
  EXPECT_LT(hits, kInstances * 9 / 100);
}

}  // namespace
}  // namespace r1::tasks
