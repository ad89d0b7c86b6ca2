#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "tasks/task.h"

namespace r1::tasks {
namespace {

bool accepts(const std::string& response, const std::string& answer = "(25-7)*4") {
  return verify(find_task("countdown"), answer, response).correct;
}

TEST(Countdown, accepts_every_expression_of_the_numbers_with_the_value) {
  for (const char* right :
       {"\\boxed{(25-7)*4}", "\\boxed{4*(25-7)}", "\\boxed{(25 - 7) \\times 4}", "\\boxed{4(25-7)}",
        "\\boxed{(25 − 7) × 4 = 72}", "\\boxed{72 = 25*4-7*4}x \\boxed{72 = (25-7)*4}",
        "<answer> (25 - 7) * 4 </answer>", "<answer>\\boxed{4*(25-7)}</answer>",
        "\\boxed{\\left(25-7\\right)\\cdot 4}", "\\boxed{-(7-25)*4}",
        "\\boxed{\\frac{25-7}{1/4}}x\\boxed{[25-7]*4}", "So we get (25 - 7) * 4 = 72.",
        "a</think> (25-7)*4", "\\boxed{((25-7))*4}"}) {
    EXPECT_TRUE(accepts(right)) << right;
  }
  EXPECT_TRUE(accepts("\\boxed{8/(3-8/3)}", "8/(3-8/3)")) << "exact fractions on the way";
  EXPECT_TRUE(accepts("\\boxed{\\frac{8}{3-\\frac{8}{3}}}", "8/(3-8/3)"));
}

TEST(Countdown, refuses_everything_else) {
  for (const char* wrong : {"",
                            "\\boxed{72}",
                            "\\boxed{25-7*4}",
                            "\\boxed{(25-7)*4*1}",
                            "\\boxed{18*4}",
                            "\\boxed{(25-7)*4+0}",
                            "\\boxed{(25-7)*4+7-7}",
                            "\\boxed{25*4-7*4}",
                            "\\boxed{(25-7)*4=71}",
                            "\\boxed{(25-7)*4=72=72}",
                            "\\boxed{(25-7)4^1}",
                            "\\boxed{(25-7)**4}",
                            "\\boxed{(25-7)//4}",
                            "\\boxed{(2.5-.7)*40}",
                            "\\boxed{((25-7)*4}",
                            "\\boxed{25-7)*4}",
                            "\\boxed{72=72}",
                            "\\boxed{(25-7)*4, 72}",
                            "\\boxed{(25-7)*4 or 25}",
                            "<think>(25-7)*4",
                            "<think>(25-7)*4</think>",
                            "\\boxed{(25-7)*4/(1-1)}",
                            "\\boxed{eval((25-7)*4)}",
                            "\\boxed{4!*(25-7)/6}",
                            "\\boxed{2 5-7*4}"}) {
    EXPECT_FALSE(accepts(wrong)) << wrong;
  }
}

TEST(Countdown, is_not_hung_or_exhausted_by_any_text) {
  const auto begin = std::chrono::steady_clock::now();
  std::string deep, towers = "9";
  for (int i = 0; i < 100000; ++i) {
    deep += "(-";
    towers += "**9";
  }
  for (const std::string& text :
       {std::string("9**9**9"), std::string("9^9^9^9"), deep, towers, std::string(1 << 20, '9'),
        std::string(1 << 20, '('), std::string(1 << 20, '-'),
        deep + "1" + std::string(100000, ')')}) {
    EXPECT_FALSE(accepts("\\boxed{" + text + "}"));
    EXPECT_FALSE(accepts(text));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Countdown, says_what_an_answer_must_be) {
  EXPECT_THROW(accepts("\\boxed{1}", "nonsense"), Error);
  EXPECT_THROW(accepts("\\boxed{1}", "1/(2-2)"), Error);
}

TEST(Countdown, accepts_the_known_solutions_of_a_sample) {
  const std::string path = std::string(R1_SHARED) + "/datasets/countdown_sample.jsonl";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs R1_SHARED with datasets";
  std::istringstream lines(read_file(path));
  std::size_t solved = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto sample = nlohmann::json::parse(line);
    if (!sample["solvable"].get<bool>()) continue;
    const auto solution = sample["solution"].get<std::string>();
    const auto target = std::to_string(sample["target"].get<int>());
    EXPECT_TRUE(accepts("<answer>" + solution + " = " + target + "</answer>", solution))
        << solution;
    EXPECT_FALSE(accepts("<answer>" + target + "</answer>", solution)) << solution;
    ++solved;
  }
  EXPECT_EQ(solved, 900u);
}

}  // namespace
}  // namespace r1::tasks
