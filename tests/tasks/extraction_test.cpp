// Where the final answer stands in a response.
#include "tasks/grading/extraction.h"

#include <gtest/gtest.h>

#include <string>

namespace r1::grading {
namespace {

std::string extracted(std::string_view response) {
  return extract_answer(response).answer;
}

TEST(Extraction, takes_the_last_box) {
  EXPECT_EQ(extracted("First \\boxed{2}, but then \\boxed{3}."), "3");
  EXPECT_EQ(extracted("$\\boxed{\\frac{1}{\\sqrt{2}}}$"), "\\frac{1}{\\sqrt{2}}");
  EXPECT_EQ(extracted("$$\\boxed{\\{1,\\{2\\}\\}}$$"), "\\{1,\\{2\\}\\}");
  EXPECT_EQ(extracted("\\fbox{9}"), "9");
  EXPECT_EQ(extracted("\\boxed 7"), "7");
}

TEST(Extraction, joins_boxes_that_stand_side_by_side) {
  EXPECT_EQ(extracted("$\\boxed{1}$ and $\\boxed{2}$"), "1, 2");
  EXPECT_EQ(extracted("\\boxed{1}, \\boxed{2}, \\boxed{3}"), "1, 2, 3");
  EXPECT_EQ(extracted("\\boxed{1} is wrong, so \\boxed{2}"), "2");
}

TEST(Extraction, looks_only_behind_the_thought) {
  EXPECT_EQ(extracted("<think>\\boxed{5}?</think> It is $\\boxed{7}$."), "7");
  EXPECT_EQ(extracted("maybe \\boxed{5}</think>\n\n\\boxed{7}"), "7");
  EXPECT_EQ(extracted("<think>So it is \\boxed{5}."), "");
}

TEST(Extraction, reads_answer_tags) {
  EXPECT_EQ(extracted("<think>x</think><answer>4</answer>"), "4");
  EXPECT_EQ(extracted("<answer>It is \\boxed{4}</answer>"), "4");
  EXPECT_EQ(extracted("<answer>5</answer> <answer>4</answer></answer>"), "");
}

TEST(Extraction, reads_what_states_the_answer) {
  EXPECT_EQ(extracted("17 - 3 = 14\n#### 14"), "14");
  EXPECT_EQ(extracted("We add them up, so the answer is 14. I hope it is correct."), "14");
  EXPECT_EQ(extracted("Final Answer: The largest $n$ is 34."), "34");
  EXPECT_EQ(extracted("Final Answer: The final answer is $(0, 1]$. I hope so."), "$(0, 1]$");
  EXPECT_EQ(extracted("Therefore the answer is -3"), "-3");
}

TEST(Extraction, does_not_take_markdown_for_mathematics) {
  for (const char* response :
       {"The answer is **5**.", "The answer is: **5**", "**The answer is 5.**",
        "The answer is `5`.", "**Answer:** 5", "**Final Answer**: 5",
        "So there are **5** of them in all.", "### Final Answer\n\n**5**"}) {
    EXPECT_EQ(extracted(response), "5") << response;
  }
  EXPECT_EQ(extracted("The answer is 2**10."), "2**10");
  EXPECT_EQ(extracted("The answer is 2 ** 10."), "2 ** 10");
}

TEST(Extraction, keeps_the_unit_of_a_number_in_prose) {
  EXPECT_EQ(extracted("So the length of it is 3 m."), "3 m");
  EXPECT_EQ(extracted("In the end the area is 3 cm^2, as said."), "3 cm^2");
  EXPECT_EQ(extracted("In the end the angle is 60 degrees"), "60 degrees");
  EXPECT_EQ(extracted("In the end there are 12 in total."), "12");
  EXPECT_EQ(extracted("In the end there are 12 friends."), "12");
}

TEST(Extraction, knows_how_options_and_other_languages_state_it) {
  EXPECT_EQ(extracted("The correct option is (B)."), "(B)");
  EXPECT_EQ(extracted("答案是：$3$。"), "$3$");
  EXPECT_EQ(extracted("最终答案为 3。"), "3");
}

TEST(Extraction, takes_the_last_formula_or_number_of_prose) {
  EXPECT_EQ(extracted("We find that $x \\lt 3$."), "x \\lt 3");
  EXPECT_EQ(extracted("In the end there are 1,200 of those birds."), "1,200");
  EXPECT_EQ(extracted("So Alice wins this game with probability 2/3."), "2/3");
}

TEST(Extraction, leaves_bare_answers_as_they_are) {
  for (const char* answer : {"42", "\\frac{1}{2}", "x = 3 or x = 4", "3 cm", "\\text{Friday}"}) {
    EXPECT_EQ(extracted(answer), answer);
  }
}

TEST(Extraction, finds_nothing_where_nothing_is) {
  EXPECT_EQ(extracted(""), "");
  EXPECT_EQ(extracted("The answer is \\boxed{}."), "");
  EXPECT_EQ(extracted("\\boxed{12"), "");
}

TEST(Extraction, ends_where_the_turn_ends) {
  EXPECT_EQ(extracted("4/9 <|im_end|>"), "4/9");
  EXPECT_EQ(extracted("The answer is 5.<|im_start|>user\nAnd 7?"), "5");
  EXPECT_EQ(extracted("0 < |x| < 2"), "0 < |x| < 2");
}

TEST(Extraction, keeps_the_percent_sign_behind_a_box) {
  EXPECT_EQ(extracted("$\\boxed{12}\\%$"), "12 \\text{ percent}");
}

}  // namespace
}  // namespace r1::grading
