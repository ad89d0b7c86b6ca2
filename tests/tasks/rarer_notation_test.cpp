// Notation that is rarer than what writing_answers_test.cpp tries: choices, remainders, number
// words, times of day, names, LaTeX's layout of rows.
#include <gtest/gtest.h>

#include "tasks/graded_pairs.h"

namespace r1 {
namespace {

TEST(RarerNotation, numbers_of_choices) {
  expect_grades(true, {{"10", "C(5,2)"},
                       {"10", "{}_5C_2"},
                       {"10", "_5C_2"},
                       {"10", "^5C_2"},
                       {"10", "{}^{5}C_{2}"},
                       {"10", "C_5^2"},
                       {"10", "C_{5}^{2}"},
                       {"10", "\\mathrm{C}_5^2"},
                       {"10", "_5\\mathrm{C}_2"},
                       {"10", "5C2"},
                       {"11", "1+{}_5C_2"},
                       {"20", "P(5,2)"},
                       {"20", "{}_5P_2"},
                       {"20", "A_5^2"},
                       {"{}_nC_2", "\\frac{n(n-1)}{2}"},
                       {"\\binom{5}{2}", "C(5,2)"},
                       {"C(n,2)", "\\frac{n(n-1)}{2}"},
                       {"\\binom{5}{2}", "\\left(\\begin{array}{c}5\\\\2\\end{array}\\right)"},
                       {"21", "1+2\\left(\\begin{array}{c}5\\\\2\\end{array}\\right)"},
                       {"(5,2)", "C(5,2)"},
                       {"A(1,2)", "(1,2)"}});
  expect_grades(false,
                {{"10", "C(5,1)"},
                 {"10", "C_2^5"},
                 {"10", "{}_5P_2"},
                 {"10", "5C1"},
                 {"1", "C_1^2"},
                 {"(5,2)", "C(2,5)"},
                 {"A(1,2)", "(2,1)"},
                 {"A(1,2)", "B(1,2)"},
                 {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1\\\\3\\end{pmatrix}"},
                 {"C(5,2)", "C(5,3)+1"}});
}

TEST(RarerNotation, remainders_and_congruences) {
  expect_grades(true, {{"2", "17 \\bmod 5"},
                       {"2", "17 mod 5"},
                       {"2", "2 \\pmod{5}"},
                       {"2 \\pmod{5}", "2 \\bmod 5"},
                       {"2 \\pmod{5}", "2 (mod 5)"},
                       {"2 \\pmod{12}", "2 \\pmod 12"},
                       {"x \\equiv 2 \\pmod 5", "x \\equiv 2 (\\bmod 5)"},
                       {"x \\equiv 2 \\pmod 5", "x \\equiv 2 (mod 5)"},
                       {"x \\equiv 2 \\pmod 5", "x \\equiv 7 \\pmod 5"},
                       {"x \\equiv 2 \\pmod 5", "2 \\pmod{5}"}});
  expect_grades(false, {{"3", "17 \\bmod 5"},
                        {"x \\equiv 2 \\pmod 5", "x \\equiv 3 \\pmod 5"},
                        {"x \\equiv 2 \\pmod 5", "x \\equiv 2 \\pmod 7"},
                        {"x \\equiv 2 \\pmod 5", "y \\equiv 2 \\pmod 5"},
                        {"2 \\pmod 5", "2 \\pmod 6"},
                        {"2", "7 \\pmod 5"}});
}

TEST(RarerNotation, numbers_in_words) {
  expect_grades(true, {{"3", "\\boxed{\\text{three}}"},
                       {"3", "\\text{three apples}"},
                       {"25", "\\text{twenty-five}"},
                       {"125", "one hundred twenty-five"},
                       {"125", "\\text{one hundred and twenty-five}"},
                       {"2/3", "two-thirds"},
                       {"2/3", "\\text{two thirds}"},
                       {"1/2", "one half"},
                       {"3/4", "three quarters"},
                       {"3000", "three thousand"},
                       {"1200000", "one million two hundred thousand"},
                       {"1,2", "one and two"}});
  expect_grades(false, {{"3", "\\text{four}"},
                        {"25", "five twenty"},
                        {"125", "one hundred fifteen"},
                        {"2/3", "three halves"},
                        {"7", "one hundred and"},
                        {"3 \\text{ apples}", "\\text{two apples}"}});
}

TEST(RarerNotation, times_of_day) {
  expect_grades(true, {{"7:30 \\text{ a.m.}", "7:30 AM"},
                       {"7:30 \\text{ a.m.}", "7:30am"},
                       {"3 \\text{ p.m.}", "3 PM"},
                       {"3 \\text{ p.m.}", "3:00 p.m."},
                       {"15:30", "3:30 \\text{ p.m.}"},
                       {"7:30 \\text{ a.m.}", "The train leaves at 7:30 a.m."},
                       {"7:30", "So the train has to leave at 7:30."}});
  expect_grades(false, {{"7:30 \\text{ a.m.}", "7:30 PM"},
                        {"7:30 \\text{ a.m.}", "7:03 AM"},
                        {"15:30", "3:30 \\text{ a.m.}"},
                        {"3 \\text{ p.m.}", "4 PM"}});
}

TEST(RarerNotation, lists_of_names) {
  expect_grades(true, {{"\\text{Alice, Bob}", "Bob and Alice"},
                       {"Alice and Bob", "\\text{Bob}, \\text{Alice}"},
                       {"\\text{Alice, Bob, and Carol}", "Carol, Bob, Alice"},
                       {"red, blue", "Blue and red"}});
  expect_grades(false, {{"\\text{Alice, Bob}", "Alice, Carl"},
                        {"Alice and Bob", "Alice"},
                        {"Alice and Bob", "Alice, Bob, Carol"},
                        {"Alice, Bob", "alicebob"},
                        {"B, C", "b, c"}});
}

TEST(RarerNotation, totals_that_are_named) {
  expect_grades(true, {{"110", "m+n=110"}, {"110", "m + n + p = 110"}});
  expect_grades(
      false,
      {{"110", "m+2n=110"}, {"110", "m+n=100"}, {"x+y=5", "5"}, {"1", "2x+z=1"}, {"4", "x^2=4"}});
}

TEST(RarerNotation, variables_beside_each_other_are_no_words) {
  expect_grades(true, {{"a^2+b^2+c^2", "(a+b+c)^2-2(ab+bc+ca)"}, {"ab+bc+ca", "ca + ab + bc"}});
}

TEST(RarerNotation, a_subscript_is_no_base_of_letters_that_are_no_digits_in_it) {
  expect_grades(true, {{"\\frac{1}{3} E_{1}+\\frac{2}{3} E_{2}", "\\frac{E_1 + 2E_2}{3}"},
                       {"3B_1", "B_1\\cdot 3"},
                       {"2a_{12}", "a_{12}\\cdot 2"},
                       {"2A_{16}", "42"},
                       {"1B_{12}", "23"}});
}

TEST(RarerNotation, rows_with_more_space_between_them) {
  expect_grades(
      true, {{"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1\\\\[2mm]2\\end{pmatrix}"},
             {"\\begin{pmatrix} 1/5 \\\\ -18/5 \\end{pmatrix}",
              "\\begin{pmatrix} \\frac{1}{5} \\\\[4pt] -\\frac{18}{5} \\end{pmatrix}"}});
  expect_grades(false, {{"\\begin{pmatrix}1\\\\2\\end{pmatrix}",
                         "\\begin{pmatrix}1\\\\[2mm]3\\end{pmatrix}"}});
}

TEST(RarerNotation, unit_vectors) {
  expect_grades(true,
                {{"\\vec{i} - 2\\vec{j} + 3\\vec{k}", "\\mathbf{i} - 2\\mathbf{j} + 3\\mathbf{k}"},
                 {"2\\hat{\\imath}+\\hat{\\jmath}", "2\\mathbf{i}+\\mathbf{j}"}});
  expect_grades(false, {{"\\vec{i} - 2\\vec{j}", "\\mathbf{i} + 2\\mathbf{j}"}, {"\\vec{v}", "v"}});
}

TEST(RarerNotation, integers_of_any_name) {
  expect_grades(true, {{"\\frac{\\pi}{4} + k\\pi, k \\in \\mathbb{Z}",
                        "x = \\frac{\\pi}{4} + n\\pi \\text{ for } n \\in \\mathbb{Z}"},
                       {"x=k\\pi\\ (k\\in\\mathbb{Z})", "n\\pi, n\\in\\mathbb{Z}"},
                       {"(2+3t, 5t)", "(2+3k, 5k) \\text{ for any integer } k"},
                       {"2k\\pi, k\\in Z", "2 n \\pi \\text{ where } n \\text{ is an integer}"}});
  expect_grades(false, {{"\\frac{\\pi}{4} + k\\pi, k \\in \\mathbb{Z}",
                         "\\frac{\\pi}{4} + 2n\\pi, n \\in \\mathbb{Z}"},
                        {"x=k\\pi\\ (k\\in\\mathbb{Z})", "x=y\\pi+1"},
                        {"a+k\\pi, k\\in\\mathbb{Z}", "b+k\\pi, k\\in\\mathbb{Z}"}});
}

TEST(RarerNotation, one_value_of_several_variables) {
  expect_grades(true, {{"(1,1,1)", "x=y=z=1"}, {"x=1,y=1", "x=y=1"}});
  expect_grades(false, {{"(1,1,2)", "x=y=z=1"}, {"(1,1,1)", "x=y=1"}});
}

TEST(RarerNotation, words_for_sets) {
  expect_grades(true, {{"\\text{all real numbers}", "\\mathbb{R}"},
                       {"(-\\infty,\\infty)", "all real numbers"},
                       {"\\emptyset", "\\text{no solution}"},
                       {"\\text{infinitely many}", "\\infty"}});
  expect_grades(false, {{"\\text{all real numbers}", "x>0"},
                        {"0", "\\text{no solution}"},
                        {"\\text{no solution}", "\\text{all real numbers}"},
                        {"\\text{infinitely many}", "0"}});
}

TEST(RarerNotation, choices_and_answers_with_their_letter) {
  expect_grades(true, {{"D", "The answer is (D) $\\frac{3}{4}$."},
                       {"D", "\\textbf{(D) } \\frac{3}{4}"},
                       {"17", "A: 17"},
                       {"17", "Ans: 17"}});
  expect_grades(false,
                {{"D", "The answer is (C) $\\frac{3}{4}$."}, {"17", "A: 18"}, {"B", "A: 17"}});
}

TEST(RarerNotation, inequalities_to_be_solved) {
  expect_grades(true, {{"|x-1|<2", "-1<x<3"},
                       {"|x-1|\\ge2", "(-\\infty,-1]\\cup[3,\\infty)"},
                       {"-1<2x+1<5", "(-1,2)"}});
  expect_grades(false, {{"|x-1|<2", "-2<x<2"}, {"|x-1|<2", "-1\\le x<3"}, {"-1<2x+1<5", "(-1,5)"}});
}

TEST(RarerNotation, numbers_of_letters_to_base_16) {
  expect_grades(true,
                {{"FF_{16}", "255"}, {"\\text{BEEF}_{16}", "48879"}, {"\\mathrm{AB}_{16}", "171"}});
  expect_grades(false, {{"FF_{16}", "256"}, {"AB_1", "171"}});
}

TEST(RarerNotation, powers_and_transposes_of_matrices) {
  expect_grades(
      true,
      {{"\\begin{pmatrix}1&1\\\\0&1\\end{pmatrix}^2", "\\begin{pmatrix}1&2\\\\0&1\\end{pmatrix}"},
       {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}^{-1}",
        "\\begin{pmatrix}-2&1\\\\1.5&-0.5\\end{pmatrix}"},
       {"\\begin{pmatrix}1\\\\2\\\\3\\end{pmatrix}", "(1,2,3)^T"},
       {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "[1, 2]^{\\top}"},
       {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}^T", "\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}"}});
  expect_grades(false, {{"\\begin{pmatrix}1&1\\\\0&1\\end{pmatrix}^2",
                         "\\begin{pmatrix}1&1\\\\0&1\\end{pmatrix}"},
                        {"\\begin{pmatrix}1\\\\2\\\\3\\end{pmatrix}", "(1,2,4)^T"}});
}

TEST(RarerNotation, what_stands_before_the_last_sign_of_equality_names_the_value) {
  expect_grades(true, {{"3", "\\lim_{x\\to 0} f(x) = 3"},
                       {"1", "\\int_0^1 2x\\,dx = 1"},
                       {"\\frac{1}{2}", "P(X=1)=\\frac{1}{2}"},
                       {"\\frac{1}{3}", "P(A \\mid B) = \\frac13"},
                       {"\\frac{1}{2}", "\\Pr(A)=\\frac12"},
                       {"6", "\\text{The answer is } 6"}});
  expect_grades(false, {{"0", "\\lim_{x\\to 0} f(x) = 3"},
                        {"1", "P(X=1)=\\frac{1}{2}"},
                        {"\\lim_{x\\to 0} f(x) = 3", "\\lim_{x\\to 1} f(x) = 4"}});
}

TEST(RarerNotation, signs_with_several_spellings) {
  expect_grades(true, {{"1.2 \\times 10^5", "1.2 x 10^5"},
                       {"12", "3 x 4"},
                       {"\\{x|x>1\\}", "{x | x > 1}"},
                       {"(1,\\infty)", "{x : x > 1}"},
                       {"1", "\\boxed{\\text{exactly one}}"},
                       {"p \\to q", "p \\rightarrow q"},
                       {"p \\implies q", "p \\Rightarrow q"},
                       {"A \\cup B", "B \\cup A"},
                       {"\\|v\\|", "\\lVert v \\rVert"},
                       {"\\vec{AB}", "\\overrightarrow{AB}"}});
  expect_grades(false, {{"p \\to q", "q \\to p"},
                        {"A \\cup B", "A \\cap B"},
                        {"A \\setminus B", "B \\setminus A"},
                        {"\\|v\\|", "v"},
                        {"3x^4", "3 x 4"},
                        {"\\{x|x>1\\}", "{x | x > 2}"}});
}

TEST(RarerNotation, logarithms_of_products) {
  expect_grades(true, {{"\\ln(x^2-1)", "\\ln(x-1)+\\ln(x+1)"},
                       {"\\ln(x^2+3x+2)", "\\ln(x+2)+\\ln(x+1)"},
                       {"\\ln(1-x^2)", "\\ln(1-x)+\\ln(1+x)"},
                       {"\\ln\\frac{x-1}{x+1}", "\\ln(x-1)-\\ln(x+1)"},
                       {"2\\ln(x+1)", "\\ln(x^2+2x+1)"}});
  expect_grades(false, {{"\\ln(x^2-1)", "\\ln(x-1)-\\ln(x+1)"},
                        {"\\ln(x^2+1)", "2\\ln(x+1)"},
                        {"\\ln(x-1)", "\\ln(1-x)"},
                        {"\\ln((\\pi-4)(\\pi-5))", "\\ln(\\pi-4)+\\ln(\\pi-5)"}});
}

TEST(RarerNotation, units_that_look_like_variables) {
  expect_grades(true, {{"4.2\\times10^{-7}\\,\\mathrm{m}", "420 \\text{ nm}"},
                       {"2.4 \\text{ kg}", "2400 g"},
                       {"5 \\text{ km}", "5000 m"}});
  expect_grades(
      false, {{"2.4 \\text{ kg}", "2.4 g"}, {"5 \\text{ km}", "5000 x"}, {"5 \\text{ m}", "5 s"}});
}

TEST(RarerNotation, chains_choices_rows_and_dots) {
  expect_grades(true, {{"100", "Total = 60 + 40 = 100"},
                       {"1000", "3E8_{16}"},
                       {"\\frac{17}{3}", "\\boxed{\\frac{17}{3} \\text{ or } 5\\frac{2}{3}}"},
                       {"\\textbf{(B)}\\ 12", "\\boxed{B}"},
                       {"\\begin{pmatrix} 3 \\\\ -7 \\end{pmatrix}",
                        "\\begin{pmatrix} 3 \\cr -7 \\end{pmatrix}"},
                       {"\\{1, 2, 3, 4\\}", "\\{1,\\dots,4\\}"},
                       {"2,4,6,8", "2, 4, \\ldots, 8"}});
  expect_grades(false, {{"60", "Total = 60 + 40 = 100"},
                        {"\\frac{17}{3}", "\\frac{17}{3} \\text{ or } 5"},
                        {"\\textbf{(B)}\\ 12", "\\boxed{C}"},
                        {"\\{1, 2, 3\\}", "\\{1,\\dots,4\\}"},
                        {"\\{1, 2, 3, 4\\}", "\\{1,3,\\dots,4\\}"},
                        {"9", "3 if True else 9"}});
}

TEST(RarerNotation, code_is_no_answer) {
  expect_grades(false, {{"6", "return 6"},
                        {"10", "for i in range(10): pass"},
                        {"1", "<script>alert(1)</script>"},
                        {"6", "x = 6 if x > 0 else None"},
                        {"6", "echo 6"},
                        {"6", "SELECT 6;"},
                        {"6", "#include <stdio.h> 6"},
                        {"6", "assert answer == 6"}});
}

TEST(RarerNotation, words_that_deny_or_bound_a_value_are_not_left_out) {
  expect_grades(false, {{"6", "\\text{not } 6"},
                        {"6", "\\text{at least } 6"},
                        {"(1,2)", "x=1 \\text{ or } y=2"},
                        {"18", "6:00 pm"}});
  expect_grades(true, {{"0", "\\text{only }x=0"}, {"\\text{at least } 6", "at least 6"}});
}

TEST(RarerNotation, money_and_words_in_plain_text) {
  expect_grades(true, {{"100", "She has $100 left."},
                       {"20", "He paid $12 for it and kept $20 of them"},
                       {"f(x)=2x", "f(x) = 2x for all real x"},
                       {"5", "So that $x=5$ holds and $5$ is right"}});
  expect_grades(false,
                {{"12", "He paid $12 for it and kept $20 of them"}, {"100", "She has $10 left."}});
}

TEST(RarerNotation, eccentricities_and_signs_in_equations) {
  expect_grades(true, {{"(1,\\sqrt{2}]", "1 < e \\le \\sqrt{2}"},
                       {"(1,\\infty)", "e>1"},
                       {"y=\\pm\\frac{3}{4}x", "3x \\pm 4y = 0"},
                       {"y=\\pm 2x", "y=2x \\text{ or } y=-2x"}});
  expect_grades(false, {{"(1,\\sqrt{2}]", "1 < e < \\sqrt{2}"},
                        {"y=\\pm\\frac{3}{4}x", "4x \\pm 3y = 0"},
                        {"y=\\pm\\frac{3}{4}x", "3x - 4y = 0"}});
}

TEST(RarerNotation, bounds_examples_and_alternatives_are_no_value_of_their_own) {
  expect_grades(false, {{"6", "I think it's 5 or 6"},
                        {"6", "any number such as 6"},
                        {"6", "so x is more than 6"},
                        {"6", "It must be less than 6."}});
  expect_grades(true, {{"6", "There are 3 or more, so 6"}, {"6", "whether or not it rains, 6"}});
}

TEST(RarerNotation, amounts_in_two_units) {
  expect_grades(true, {{"2 \\text{ hours } 15 \\text{ minutes}", "2 hours and 15 minutes"},
                       {"2 \\text{ hours } 15 \\text{ minutes}", "135 \\text{ minutes}"},
                       {"\\frac{4}{3} \\text{ hours}", "1 hour 20 minutes"},
                       {"5\\text{ feet } 8\\text{ inches}", "68 \\text{ inches}"},
                       {"2\\sqrt{3}\\text{ inches}", "2\\sqrt3 in"}});
  expect_grades(false, {{"2 \\text{ hours } 15 \\text{ minutes}", "2.15 \\text{ hours}"},
                        {"5\\text{ feet } 8\\text{ inches}", "5.8 \\text{ feet}"}});
}

TEST(RarerNotation, ratios_in_words_and_temperatures) {
  expect_grades(true, {{"4:1", "4 \\text{ to } 1"},
                       {"37^\\circ \\text{C}", "37"},
                       {"37^\\circ \\text{C}", "37°C"}});
  expect_grades(false, {{"4:1", "1 \\text{ to } 4"}, {"37^\\circ \\text{C}", "37^\\circ F"}});
}

TEST(RarerNotation, alternatives_of_several_values) {
  expect_grades(true, {{"$p=2, q=5$ or $p=5, q=2$", "(p,q) = (2,5) \\text{ or } (5,2)"},
                       {"$p=2, q=5$ or $p=5, q=2$", "(2,5),(5,2)"}});
  expect_grades(false, {{"$p=2, q=5$ or $p=5, q=2$", "(2,5)"}});
}

TEST(RarerNotation, what_is_excluded_and_half_lines) {
  expect_grades(true, {{"x \\neq \\pm 2", "x \\ne 2, x \\ne -2"},
                       {"x \\neq \\pm 2", "(-\\infty,-2)\\cup(-2,2)\\cup(2,\\infty)"},
                       {"(0,+\\infty)", "\\mathbb{R}^+"},
                       {"[0,\\infty)", "\\mathbb{R}_{\\ge 0}"},
                       {"\\{x|x<-1或x>2\\}", "(-\\infty,-1)\\cup(2,\\infty)"}});
  expect_grades(false, {{"x \\neq \\pm 2", "x \\neq 2"}, {"[0,\\infty)", "\\mathbb{R}^+"}});
}

TEST(RarerNotation, identities_and_roundings_say_their_value) {
  expect_grades(true, {{"x^4+4 = (x^2+2x+2)(x^2-2x+2)", "(x^2+2x+2)(x^2-2x+2)"},
                       {"(x-1)(x+1)", "x^2-1=(x-1)(x+1)"},
                       {"\\sqrt{17} \\approx 4.12", "4.12"},
                       {"\\langle 2, -3, 1\\rangle", "2\\mathbf{i}-3\\mathbf{j}+\\mathbf{k}"},
                       {"\\int_0^1 x^2\\,dx", "\\int_{0}^{1} x^{2} dx"}});
  expect_grades(false, {{"(x-1)(x+1)", "x^2=(x-1)(x+1)"},
                        {"\\sqrt{17} \\approx 4.12", "4.13"},
                        {"\\sqrt{17}", "4.12"},
                        {"\\langle 2, -3, 1\\rangle", "2\\mathbf{i}+3\\mathbf{j}+\\mathbf{k}"}});
}

TEST(RarerNotation, functions_by_their_letter_and_signs_in_words) {
  expect_grades(true, {{"y = Ce^{-2x}", "y(x) = Ce^{-2x}"},
                       {"x(t) = t^2", "x = t^2"},
                       {"-4", "minus 4"},
                       {"2", "5 minus 3"},
                       {"20 \\text{ yuan}", "20元"}});
  expect_grades(false, {{"xy = 1", "y = 1"}, {"4", "minus 4"}});
}

TEST(RarerNotation, values_by_cases) {
  const char* cases = "a_n = \\begin{cases} 1, & n = 1 \\\\ 2n, & n \\geq 2 \\end{cases}";
  expect_grades(
      true,
      {{cases, "\\begin{cases} 1, & n=1, \\\\ 2n, & n \\ge 2. \\end{cases}"},
       {cases, "\\begin{cases} 2n & \\text{if } n \\ge 2 \\\\ 1 & \\text{if } n=1 \\end{cases}"},
       {"\\begin{cases} x & x>0 \\\\ 0 & \\text{otherwise} \\end{cases}",
        "\\begin{cases} x, & x>0, \\\\ 0, & \\text{otherwise}. \\end{cases}"}});
  expect_grades(false, {{cases, "\\begin{cases} 2n, & n = 1 \\\\ 1, & n \\ge 2 \\end{cases}"},
                        {cases, "\\begin{cases} 1, & n = 1 \\\\ 2n-1, & n \\ge 2 \\end{cases}"}});
}

TEST(RarerNotation, units_set_upright_letter_by_letter) {
  expect_grades(true, {{"25 \\mathrm{~m} / \\mathrm{s}", "25 m/s"},
                       {"25 \\mathrm{~m} / \\mathrm{s}", "90 km/h"},
                       {"9.8 \\mathrm{~m} / \\mathrm{s}^{2}", "9.8"},
                       {"4.2 \\times 10^{3} \\mathrm{~J} /(\\mathrm{kg} \\cdot \\mathrm{K})",
                        "4.2\\times10^3 \\text{ J/(kg K)}"},
                       {"9.0 \\times 10^{9} \\mathrm{~N} \\cdot \\mathrm{m}^{2} / \\mathrm{C}^{2}",
                        "9\\times10^9 \\text{ N m}^2/\\text{C}^2"},
                       {"5 \\times 10^{-7} \\text{ T}", "5.0 \\times 10^{-7}\\ \\mathrm{T}"},
                       {"\\sqrt{\\frac{2 e V}{m}}", "v = \\sqrt{\\frac{2eV}{m}}"}});
  expect_grades(false, {{"9.8 \\mathrm{~m} / \\mathrm{s}^{2}", "9.8 m/s"},
                        {"2 \\text{ J/(kg K)}", "2 \\text{ J/kg}"}});
}

TEST(RarerNotation, either_sign_of_a_pair_and_names_of_values) {
  expect_grades(true, {{"$(3,3),(-3,-3)$", "\\pm(3,3)"},
                       {"102", "AB + BC = 102"},
                       {"\\frac{\\partial^2 u}{\\partial x^2} = 6x", "6x"},
                       {"c_1 e^{t}+c_2", "C_1e^t+C_2"},
                       {"\\begin{pmatrix} 1 & n \\\\ 0 & 1 \\end{pmatrix}",
                        "A^n = \\begin{pmatrix} 1 & n \\\\ 0 & 1 \\end{pmatrix}"},
                       {"$n^{2}-1$ if $n$ is even", "n^2-1 \\text{ for even } n"}});
  expect_grades(false, {{"$(3,-3),(-3,3)$", "\\pm(3,3)"}, {"a_1", "A_1"}, {"c+a", "C+a"}});
}

TEST(RarerNotation, prefixes_of_units) {
  expect_grades(true, {{"2.0 \\times 10^{-3} \\mathrm{~J}", "2 \\text{ mJ}"},
                       {"3 \\text{ MeV}", "3 \\times 10^6 \\text{ eV}"},
                       {"300 \\mathrm{~K}", "T = 300 \\text{ K}"},
                       {"5.47e5", "$5.47\\times 10^{5}$ cm/s"}});
  expect_grades(false, {{"3 \\text{ mA}", "3 \\text{ A}"}, {"3 \\text{ MeV}", "3 \\text{ eV}"}});
}

TEST(RarerNotation, chains_of_equal_variables_among_alternatives) {
  expect_grades(true, {{"$(0,0,0)$ and $(1,1,1)$", "x=y=z=0 \\text{ or } x=y=z=1"},
                       {"$f \\equiv 0$", "f(x) = 0 \\text{ for all } x"},
                       {"(2, 0, -1)", "2\\mathbf{i}-\\mathbf{k}"}});
  expect_grades(false, {{"0, 1", "x=y=z=0 \\text{ or } x=y=z=2"}});
}

TEST(RarerNotation, spaces_part_numbers_that_are_no_groups_of_three_digits) {
  expect_grades(true, {{"12000", "12 000"}});
  expect_grades(false, {{"12", "1 2"}, {"50", "5 0"}});
}

TEST(RarerNotation, a_function_is_the_same_by_another_argument) {
  expect_grades(true, {{"f(x)=x^2", "f(t)=t^2"}});
  expect_grades(false, {{"f(x)=x^2", "f(y)=x^2"}, {"f(x)=x^2", "f(t)=t^3"}, {"x^2", "t^2"}});
}

TEST(RarerNotation, arrows_and_moduli_are_not_turned_round) {
  expect_grades(true,
                {{"\\vec{AB}", "\\overrightarrow{AB}"}, {"\\mathbb{Z}", "\\text{all integers}"}});
  expect_grades(false, {{"\\vec{AB}", "\\vec{BA}"}, {"2 \\text{ mod } 7", "2 \\text{ mod } 5"}});
}

TEST(RarerNotation, measures_of_kitchens_and_sums_with_dots) {
  expect_grades(true, {{"\\frac{1}{4} \\text{ cup}", "\\frac14 cup"},
                       {"2 \\text{ gallons}", "8 \\text{ quarts}"},
                       {"1023", "the sum is $1+2+4+\\cdots+512=1023$"}});
}

TEST(RarerNotation, signs_in_words) {
  expect_grades(true, {{"49", "7 squared"},
                       {"120", "5 factorial"},
                       {"\\frac{\\pi}{4}", "pi over 4"},
                       {"2.5", "two and a half"},
                       {"\\frac{3}{4}", "3 out of 4"},
                       {"6", "2 times 3"},
                       {"x^2+1", "x squared plus 1"},
                       {"60", "5 dozens"},
                       {"\\frac{1}{2}", "half"},
                       {"5\\%", "5 per cent"},
                       {"3:4", "3 to 4"}});
  expect_grades(false, {{"7", "7 squared"}, {"2", "two and a half"}, {"2", "2 times n"}});
}

TEST(RarerNotation, bases_in_words_and_behind_brackets) {
  expect_grades(true, {{"101_2", "(101)_2"},
                       {"101_2", "101 in base 2"},
                       {"101_2", "101 (base 2)"},
                       {"101_2", "101 base two"},
                       {"101_2", "101_{\\text{two}}"}});
  expect_grades(false, {{"101_2", "101 (base 3)"}, {"101", "101 in base 2"}});
}

TEST(RarerNotation, signs_beyond_latex) {
  expect_grades(true, {{"\\frac{7}{12}", "⁷⁄₁₂"},
                       {"\\frac{19}{12}", "1⁷⁄₁₂"},
                       {"x \\equiv 3 \\pmod 7", "x ≡ 3 (mod 7)"},
                       {"\\langle 1,2\\rangle", "⟨1, 2⟩"},
                       {"\\frac13", "0.(3)"}});
}

TEST(RarerNotation, powers_of_units_without_marks) {
  expect_grades(true,
                {{"35 \\text{ cm}^2", "0.0035 m^2"}, {"16 \\text{ square inches}", "16 in^2"}});
  expect_grades(false, {{"35 \\text{ cm}^2", "0.35 m^2"}, {"16 \\text{ inches}", "16 in^2"}});
}

TEST(RarerNotation, formulas_with_their_condition_in_words) {
  expect_grades(true, {{"2\\pi k, k \\in \\mathbb{Z}", "x = 2 n \\pi where n is an integer"}});
}

}  // namespace
}  // namespace r1
