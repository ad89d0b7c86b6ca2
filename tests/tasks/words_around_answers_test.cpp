// Words around a value: those that name it, those that change it, sentences that state an answer,
// lines of programs.
#include <gtest/gtest.h>

#include "tasks/graded_pairs.h"

namespace r1 {
namespace {

TEST(WordsAroundAnswers, that_make_another_value_of_it_are_not_left_out) {
  expect_grades(false, {{"6", "negative 6"},
                        {"6", "twice 6"},
                        {"6", "half of 6"},
                        {"6", "It is the square root of 6."},
                        {"6", "\\text{multiples of } 6"},
                        {"6", "\\text{divisible by } 6"},
                        {"6", "\\text{not equal to } 6"},
                        {"6", "It can't be 6."},
                        {"6", "nearly 6"},
                        {"6", "6 \\text{ is not the answer}"},
                        {"6", "The answer is surely not $6$."},
                        {"(0,1)", "\\text{not in } (0,1)"}});
  expect_grades(true, {{"6", "the least value is 6"},
                       {"6", "The number of days on which she does not work is 6."},
                       {"6", "The area is given by 6"},
                       {"6", "exactly 6"}});
  expect_grades(false, {{"6", "6 is wrong"}});
  expect_grades(true, {{"6", "x is 6"}, {"385", "So $10\\cdot 11\\cdot 21/6 = 385$."}});
  expect_grades(false, {{"6", "I doubt it is 6."},
                        {"6", "less than or equal to 6"},
                        {"6", "6 \\text{ is less than the answer}"}});
  expect_grades(true, {{"6", "6 is the least possible value."}});
  expect_grades(false, {{"7", "7 is too large."},
                        {"7", "7 squared"},
                        {"7", "7 hundredths"},
                        {"7", "7\\text{th power}"},
                        {"7", "It would be wrong to say 7."},
                        {"7", "I cannot say that it's 7."}});
  expect_grades(false, {{"88", "It is false that the answer is 88."}});
  expect_grades(true, {{"88", "I'm not sure, but the answer is 88."},
                       {"320", "the answer isn't 300, it's 320"}});
}

TEST(WordsAroundAnswers, that_name_it_are_compared_where_both_have_them) {
  expect_grades(false, {{"\\text{increasing on } (0,1)", "\\text{decreasing on } (0,1)"},
                        {"\\text{gain of } \\$5", "\\text{loss of } \\$5"},
                        {"\\text{up } 5", "\\text{down } 5"},
                        {"\\text{max } 5, \\text{ min } 2", "\\text{max } 2, \\text{ min } 5"}});
  expect_grades(true, {{"\\text{increasing on } (0,1)", "(0,1)"},
                       {"\\text{area } 5", "the surface area is 5"},
                       {"\\text{minimum } 5", "x = 5"}});
}

TEST(WordsAroundAnswers, sentences_say_the_word_that_they_end_in) {
  expect_grades(true, {{"\\text{Thursday}", "The day of the week is Thursday."},
                       {"\\text{hexagon}", "a hexagon"},
                       {"\\text{hexagon}", "The shape is a hexagon."},
                       {"\\text{second player}", "\\text{The second player}"},
                       {"\\text{no real solutions}", "There are no real solutions."},
                       {"\\emptyset", "The equation has no real solutions."},
                       {"\\text{does not exist}", "\\text{DNE}"},
                       {"6", "There are six ways."}});
  expect_grades(false, {{"\\text{Monday}", "It is not Monday."},
                        {"\\text{Monday}", "I doubt that it is Monday."},
                        {"\\text{Monday}", "\\text{Monday or Tuesday}"},
                        {"\\mathbb{R}", "\\text{not all real numbers}"}});
  expect_grades(true, {{"\\text{odd}", "odd function"}});
  expect_grades(false, {{"\\text{right triangle}", "right angle"}});
  expect_grades(true, {{"\\text{Sunday}", "It falls on Sunday."}});
  expect_grades(true, {{"no", "No, it is not possible."}, {"\\text{Yes}", "Yes, it converges."}});
  expect_grades(false, {{"\\text{sum is even}", "\\text{product is even}"},
                        {"\\text{Yes, it converges}", "No, it diverges"}});
}

TEST(WordsAroundAnswers, clauses_behind_a_value_are_not_the_answer) {
  expect_grades(true, {{"10", "The minimum value is $10$, attained at $x=2$."},
                       {"10", "The minimum is 10 when x = 2."},
                       {"10", "The answer is 10 because 2 + 8 = 10 and 3 + 7 = 10."},
                       {"10", "2+3+5 = **10**"}});
  expect_grades(true, {{"6", "The greatest number is 6, because 7 is too large."}});
  expect_grades(false, {{"10", "The minimum is 8 when x = 10."},
                        {"6", "The greatest number is 7, because 6 is too small."}});
  expect_grades(true, {{"C", "The best choice is C, since the others contradict the text."},
                       {"[1,2]", "Therefore, $x \\in [1, 2]$."}});
  expect_grades(false, {{"10", "$x=10$, which is wrong; it is $x=5$."}});
  expect_grades(true, {{"3.5", "\\frac{7}{2}, \\text{ attained when } x = 1"}});
}

TEST(WordsAroundAnswers, formulas_joined_by_words_are_one_answer) {
  expect_grades(true, {{"2, 3", "So the solutions are $x = 2$ and $x = 3$."},
                       {"2, 3", "Therefore \\(x = 2\\) or \\(x = 3\\)."},
                       {"3", "With $a = 1$ and $b = 2$ we find that the total is $3$."}});
  expect_grades(false, {{"3", "So the solutions are $x = 2$ and $x = 3$."}});
}

TEST(WordsAroundAnswers, lines_of_programs_are_no_prose) {
  expect_grades(false, {{"21", "#!/bin/sh\necho 21"},
                        {"21", "The program:\nstd::cout << 21;"},
                        {"21", "21 if n > 0 else 0"},
                        {"21", "assert x == 21"},
                        {"21", "<img src=x onerror=alert(21)>"}});
  expect_grades(true, {{"5", "The wavelength lambda = 5"}});
  expect_grades(false, {{"21", "cat answer.txt # 21"}, {"21", "{\"equal\": true, \"value\": 21}"}});
  expect_grades(false, {{"21", "while True: 21"}, {"21", "'; DELETE FROM t WHERE 21; --"}});
  expect_grades(true, {{"41", "20+21 = <<20+21=41>>41"}});
}

TEST(WordsAroundAnswers, several_choices_are_not_one_of_them) {
  expect_grades(
      false,
      {{"\\text{(E)}", "E \\text{ or } A"}, {"\\text{(E)}", "E, A"}, {"\\text{(E)}", "E / A"}});
  expect_grades(true, {{"\\text{(E)}", "E \\text{ 12}"},
                       {"\\text{(E)}", "(E) -3"},
                       {"E", "\\boxed{\\text{E. } \\frac{1}{2}}"},
                       {"A, C, D", "ACD"}});
  expect_grades(true, {{"(C)", "c)"}});
  expect_grades(false, {{"\\text{(E)}", "(E) is wrong"}, {"B", "b"}});
  expect_grades(true, {{"\\text{(A) and (D)}", "\\text{A, D}"}});
  expect_grades(true, {{"C", "Ans: C"}});
  expect_grades(true, {{"B", "Thus, option B is correct."},
                       {"C", "A) 5 B) 7 C) 9. Therefore, choice C is right."}});
  expect_grades(false, {{"B", "Option B is wrong."}, {"B", "It is not option B."}});
}

TEST(WordsAroundAnswers, units_behind_a_formula_and_in_their_case) {
  expect_grades(true, {{"3.2 \\times 10^{-4}", "$3.2\\times10^{-4}$ M"},
                       {"4.18e7", "The final answer is $4.18\\times 10^{7}$ erg."},
                       {"18 \\text{ years}", "18 years old"},
                       {"2,340", "$2340 per year"},
                       {"20 \\Omega", "20"}});
  expect_grades(false, {{"5 \\text{ MHz}", "5 \\text{ mHz}"}, {"3 \\text{ mg}", "3 \\text{ Mg}"}});
}

TEST(WordsAroundAnswers, what_is_said_of_a_variable_is_the_answer) {
  expect_grades(true, {{"$n$ is odd", "n \\text{ is odd}"},
                       {"\\text{odd}", "n is odd"},
                       {"7", "x = 7 is the only solution"},
                       {"$f(x)=c x^{2}$ for some constant $c$", "f(x) = cx^2"}});
  expect_grades(false, {{"$n$ is odd", "n \\text{ is even}"},
                        {"$n$ is odd", "n is not odd"},
                        {"m \\text{ is odd}", "n \\text{ is odd}"},
                        {"7", "x = 7 is not a solution"}});
}

}  // namespace
}  // namespace r1
