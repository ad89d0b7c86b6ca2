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
                       {"10", "The minimum is 10, which occurs at x = 2."},
                       {"10", "After simplification, $12 - 2 = 10$."},
                       {"x=-2", "$x$ equals $-2$."},
                       {"10", "So the count is 10, as 11 is impossible."},
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
                       {"\\text{odd}", "Therefore $n$ must be odd."},
                       {"7", "x = 7 is the only solution"},
                       {"$f(x)=c x^{2}$ for some constant $c$", "f(x) = cx^2"}});
  expect_grades(false, {{"$n$ is odd", "n \\text{ is even}"},
                        {"$n$ is odd", "n is not odd"},
                        {"\\text{odd}", "Therefore $n$ must not be odd."},
                        {"m \\text{ is odd}", "n \\text{ is odd}"},
                        {"7", "x = 7 is not a solution"}});
}

TEST(WordsAroundAnswers, that_exclude_a_value_or_only_bound_it_are_heard) {
  expect_grades(false, {{"2", "Anything but 2."},
                        {"2", "close to 2"},
                        {"2", "up to 2"},
                        {"2", "The answer lies between 1 and 2."},
                        {"2", "It is far from 2."},
                        {"2", "It is twice as much as 2."},
                        {"2", "It has to exceed 2."},
                        {"2", "the opposite of 2"},
                        {"2", "Nobody gets 2."},
                        {"5", "It is not the case that $x=5$."}});
  expect_grades(false, {{"2", "2 is impossible."},
                        {"2", "2 is excluded."},
                        {"2", "2 can be ruled out."},
                        {"2", "2 does not satisfy the equation."},
                        {"2", "2 less than the maximum"},
                        {"5", "x = 5 is an extraneous root."},
                        {"5", "x=5 fails."},
                        {"5", "5th root"},
                        {"5", "The answer is 5 times the radius."},
                        {"5", "$x$ cannot take the value $5$."},
                        {"5", "All numbers except for 5 work."},
                        {"5", "The answer is greater or equal to 5."},
                        {"5", "5 is way off."},
                        {"5", "5 would contradict the parity."},
                        {"5", "5 is nonsense."},
                        {"5", "Bob claims 5, which is nonsense."},
                        {"5", "the digits of 5 reversed"},
                        {"A", "The answer is any of them but (A)."},
                        {"A", "Eliminate A."},
                        {"\\text{square}", "I refuse to believe it is a square."},
                        {"\\text{no solution}", "It is false that there is no solution."},
                        {"9", "9 doubled"}});
  expect_grades(true, {{"5", "The data have a mean of 5."},
                       {"6", "The number of times is 6."},
                       {"5", "Total times: 5"},
                       {"42", "The answer is not 41 but 42."},
                       {"5", "The answer is 5 and not 6."},
                       {"5", "It is 5 rather than 6."}});
}

TEST(WordsAroundAnswers, that_take_a_value_back_are_heard) {
  expect_grades(false, {{"2", "Everyone says 2, but they are mistaken."},
                        {"2", "If it were 2, we would have a contradiction."},
                        {"2", "The answer is 2? No."},
                        {"2", "2 was my first guess, but that is wrong."},
                        {"2", "No value works, not even 2."},
                        {"2", "Is it 2? I do not know."},
                        {"2", "The answer is 2. But that is wrong. It is 5."},
                        {"5", "You might think it is 5, but it is six."},
                        {"5", "A common mistake is to answer 5."},
                        {"5", "The tempting answer of 5 is a trap."},
                        {"5", "The naive answer is 5."},
                        {"5", "Not the answer: 5"},
                        {"5", "Wrong answer: 5"}});
  expect_grades(true, {{"5", "The answer is 2. But that is wrong. It is 5."},
                       {"5", "If we add them all up we get 5."},
                       {"5", "The answer is 5. This cannot be improved."}});
  expect_grades(false, {{"\\text{Yes}", "Yes and no"}});
}

TEST(WordsAroundAnswers, only_whole_formulas_of_prose_are_values) {
  expect_grades(false, {{"5", "The minimum of this function is −5."},
                        {"10", "The distance is 5×10^3 m in total here."},
                        {"2", "The number of all such subsets equals 2^10."},
                        {"5", "There are 5! ways to do that in total."},
                        {"5", "The number is 5!, which is much."},
                        {"2", "The circumference of it equals 2π here."},
                        {"2", "The length of the side is √2 then."},
                        {"3", "The derivative of the function is x - 3."},
                        {"4", "In the end there are 3 + 4 of them."},
                        {"4", "In the end we see that x > 4."},
                        {"1/2", "We need 2 1/2 cups of flour in all."},
                        {"2", "The value is then log 2 in this case."},
                        {"5", "The value is 5 million in this case."},
                        {"25", "The curve has the equation x^2 + y^2 = 25 in the plane."},
                        {"101", "The number is 101 in binary as said."}});
  expect_grades(true, {{"-5", "The minimum of this function is −5."},
                       {"5000", "The distance is 5×10^3 m in total here."},
                       {"1024", "The number of all such subsets equals 2^10."},
                       {"120", "There are 5! ways to do that in total."},
                       {"5", "There really are 5 of them!"},
                       {"2\\pi", "The circumference of it equals 2π here."},
                       {"\\sqrt{2}", "The length of the side is √2 then."},
                       {"x-3", "The derivative of the function is x - 3."},
                       {"x>4", "In the end we see that x > 4."},
                       {"5/2", "We need 2 1/2 cups of flour in all."},
                       {"72", "So altogether she has sold 48+24 = 72 clips."},
                       {"2\\sqrt{3}", "The length of it is 2 sqrt(3) in total."},
                       {"(2,5)", "The vertex of the curve lies at (2, 5)."},
                       {"5 \\text{ cm}", "The side of it is 5 cm long."},
                       {"5", "So its area is about 5m² here."}});
}

TEST(WordsAroundAnswers, all_values_of_a_list_in_prose_count) {
  expect_grades(true, {{"1, 2", "The roots are 1 and 2."},
                       {"(3,4)", "The solution to this is x = 3, y = 4."},
                       {"3:4", "The ratio of boys to girls is 3 to 4."},
                       {"12", "The price goes from 10 to 12."},
                       {"1, 2, 3", "The roots of the equation are 1, 2, and 3."},
                       {"1, 2", "The roots are x = 1 and x = 2."},
                       {"4.5 \\text{ hours}", "All in all it takes 4 hours and 30 minutes."},
                       {"5", "When we take x = 2, y = 5."}});
  expect_grades(false, {{"2", "The roots are 1 and 2."},
                        {"2", "The roots of the equation are 1, 2."},
                        {"2", "The roots are x = 1 and x = 2."},
                        {"4", "In the end it takes 3 to 4 days."},
                        {"4", "from 3 to 4"},
                        {"4", "So the chance of it is 3 out of 4."},
                        {"30 \\text{ minutes}", "All in all it takes 4 hours and 30 minutes."}});
}

TEST(WordsAroundAnswers, one_value_of_several_cases_is_no_answer) {
  expect_grades(false, {{"5", "The answer is 5 if n is even and 3 if n is odd."},
                        {"3", "The answer is 5 if n is even and 3 if n is odd."},
                        {"5", "It is 5 when n is even, otherwise 3."}});
  expect_grades(true, {{"5", "The value of it is 5 if n is even."}});
}

TEST(WordsAroundAnswers, declarations_are_no_equations) {
  expect_grades(false, {{"7", "int x = 7;"},
                        {"7", "const answer = 7;"},
                        {"7", "INSERT INTO t VALUES (7);"},
                        {"7", "total += 7"}});
  expect_grades(true, {{"7", "Let x = 7"}});
}

}  // namespace
}  // namespace r1
