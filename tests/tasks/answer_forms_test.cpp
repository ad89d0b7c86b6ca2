// The forms in which each kind takes a right answer, and near misses that it refuses.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tasks/task.h"

namespace r1::tasks {
namespace {

struct Forms {
  std::string task, answer;
  std::vector<std::string> right, wrong;
};

const std::vector<Forms>& forms() {
  static const std::vector<Forms> all = {
      {"arithmetic-chains",
       "142",
       {"142", "142.0", "+142", "\\text{142}"},
       {"-142", "14", "142 or 3"}},
      {"long-addition", "1234567", {"1,234,567", "1234567"}, {"123456", "12345670"}},
      {"division",
       "12 remainder 5",
       {"12 remainder 5", "12 R 5", "12R5", "12 r5", "quotient 12, remainder 5",
        "12 \\text{ remainder } 5", "(12, 5)", "remainder 5, quotient 12", "q = 12, r = 5",
        "quotient = 12 and remainder = 5", "12, 5"},
       {"5 remainder 12", "12", "12.5", "12 remainder 4", "12 remainder 5 remainder 0", "12 5/8",
        "remainder 12, quotient 5", "-12 remainder 5", "12 remainder -5"}},
      {"division", "12 remainder 0", {"12", "12 remainder 0", "12 R0"}, {"12 remainder 1", "0"}},
      {"fractions",
       "3/4",
       {"3/4", "\\frac{3}{4}", "\\dfrac34", "0.75", "$\\frac{3}{4}$"},
       {"6/8", "\\frac{6}{8}", "4/3", "-3/4", "0.7", "3"}},
      {"fractions", "3/2", {"3/2", "1 1/2", "1\\frac{1}{2}", "1.5"}, {"1 2/4", "6/4", "11/2"}},
      {"fractions", "2", {"2", "2.0"}, {"2/1", "4/2", "1/2"}},
      {"linear-equations",
       "-13",
       {"-13", "x = -13", "x=-13"},
       {"13", "x = 13", "x = -13 or x = 13"}},
      {"gcd-lcm", "12", {"12", "12.0"}, {"6", "24"}},
      {"base-conversion",
       "1AF",
       {"1AF", "1af", "0x1AF", "1AF_{16}", "(1AF)_{16}", "\\text{1AF}", "01AF"},
       {"1A", "431", "FA1", "1AG", "1A F5"}},
      {"base-conversion", "B1", {"b1", "0xB1"}, {"1", "0b1 1"}},
      {"prime-factors",
       "2*3*3*41",
       {"2*3*3*41", "2 \\times 3^2 \\times 41", "2 \\cdot 3^{2} \\cdot 41", "41*3*2*3",
        "738 = 2 × 3 × 3 × 41", "2, 3, 3, 41"},
       {"2*9*41", "2*3*41", "738", "2^3*3*41", "1*2*3*3*41", "2*3*3*41*41"}},
      {"comparing-decimals", "9.9", {"9.9", "9.90", "$9.9$"}, {"9.11", "9.09", "99"}},
      {"sorting",
       "3, 14, 159",
       {"3, 14, 159", "3 14 159", "[3, 14, 159]", "3 < 14 < 159"},
       {"14, 3, 159", "3, 14", "3, 14, 159, 159", "159, 14, 3"}},
      {"counting-letters", "3", {"3", "three", "Three", "3.0"}, {"2", "two", "33"}},
      {"spelling-backwards",
       "a-n-a-n-a-b",
       {"ananab", "a-n-a-n-a-b", "a n a n a b", "A, N, A, N, A, B", "\\text{ananab}", "\"ananab\""},
       {"banana", "anana", "ananabb", "ananab or banana"}},
      {"dates",
       "5 March 2024",
       {"5 March 2024", "March 5, 2024", "March 5th, 2024", "2024-03-05", "5 Mar 2024",
        "Tuesday, 5 March 2024", "the 5th of March 2024", "\\text{5 March 2024}"},
       {"6 March 2024", "5 May 2024", "5 March 2023", "March 2024", "2024-05-03", "35 March 2024"}},
      {"weekdays",
       "Tuesday",
       {"Tuesday", "tuesday", "Tue", "It is a Tuesday", "\\text{Tuesday}"},
       {"Thursday", "Tuesday or Thursday", "2", "not Tuesday"}},
      {"units",
       "7 hours and 25 minutes",
       {"7 hours and 25 minutes", "7 h 25 min", "7h 25min", "7 hours, 25 minutes", "7, 25",
        "7 \\text{ hours } 25 \\text{ minutes}"},
       {"25 hours and 7 minutes", "7 minutes and 25 hours", "7 days and 25 minutes", "7.25 hours",
        "445", "7 hours"}},
      {"units",
       "1445 grams",
       {"1445", "1,445 grams", "1445 g", "1445 \\text{ grams}"},
       {"1445 kilograms", "144", "1.445", "1445 minutes"}},
      {"word-problems", "37", {"37", "37 apples", "$37$", "37 dollars"}, {"36", "37 or 38"}},
      {"knights-and-knaves",
       "Ann is a knight, Bob is a knave, Leo is a knight",
       {"Ann is a knight, Bob is a knave, Leo is a knight", "Ann: knight, Bob: knave, Leo: knight",
        "Ann and Leo are knights, and Bob is a knave",
        "Bob is a knave; Ann is a knight; Leo is a knight",
        "\\text{Ann is a knight, Bob is a knave, Leo is a knight}",
        "Ann is a knight and Bob is a knave and Leo is a knight"},
       {"Ann is a knight, Bob is a knight, Leo is a knight", "Ann is a knight, Bob is a knave",
        "Ann is a knight, Ann is a knave, Bob is a knave, Leo is a knight", "knight, knave, knight",
        "Ann is not a knight, Bob is a knave, Leo is a knight",
        "Ann is a knight or a knave, Bob is a knave, Leo is a knight"}},
      {"small-sudoku",
       "1 2 3 4 / 3 4 1 2 / 2 1 4 3 / 4 3 2 1",
       {"1 2 3 4 / 3 4 1 2 / 2 1 4 3 / 4 3 2 1", "1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1",
        "1234 3412 2143 4321", "[[1,2,3,4],[3,4,1,2],[2,1,4,3],[4,3,2,1]]"},
       {"1 2 3 4 / 3 4 1 2 / 2 1 4 3 / 4 3 1 2", "1 2 3 4",
        "1 2 3 4 / 3 4 1 2 / 2 1 4 3 / 4 3 2 1 1", "1 2 3 4 / 3 4 1 2 / 2 1 4 3 / 4 3 2 _"}},
      {"set-operations",
       "3, 12",
       {"3, 12", "\\{3, 12\\}", "{12, 3}", "A \\cap B = \\{3, 12\\}", "3 and 12"},
       {"3", "3, 12, 13", "3, 3, 12", "312", "\\{\\}"}},
      {"propositional-logic", "5", {"5", "5.0"}, {"3", "5/8", "8"}}};
  return all;
}

TEST(AnswerForms, are_accepted_where_they_say_the_right_thing) {
  for (const Forms& forms : forms()) {
    const Task task = find_task(forms.task);
    for (const std::string& form : forms.right) {
      EXPECT_TRUE(
          verify(task, forms.answer, "So.\n</think>\n\nIt is \\boxed{" + form + "}.").correct)
          << forms.task << ": " << form;
      EXPECT_TRUE(
          verify(task, forms.answer, "<think>a</think><answer>" + form + "</answer>").correct)
          << forms.task << ": " << form;
    }
  }
}

TEST(AnswerForms, are_refused_where_they_say_something_else) {
  for (const Forms& forms : forms()) {
    const Task task = find_task(forms.task);
    for (const std::string& form : forms.wrong) {
      EXPECT_FALSE(
          verify(task, forms.answer, "So.\n</think>\n\nIt is \\boxed{" + form + "}.").correct)
          << forms.task << ": " << form;
    }
  }
}

TEST(AnswerForms, of_every_task_are_tried) {
  for (const Task& task : find_tasks("all")) {
    bool tried = task.name == "countdown" || task.name == "long-multiplication" ||
                 task.name == "number-sequences";  // a test of its own; numbers like the others
    for (const Forms& forms : forms()) tried = tried || forms.task == task.name;
    EXPECT_TRUE(tried) << task.name;
  }
}

}  // namespace
}  // namespace r1::tasks
