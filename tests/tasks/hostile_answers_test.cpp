// Answers made to hang or to exhaust the judge.
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "sanitizer.h"
#include "tasks/grading/grade.h"

namespace r1 {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// Seconds of the processor, whatever else it does.
constexpr double kBound = kSanitized ? 20 : 2;

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

TEST(HostileAnswers, are_judged_different_in_bounded_time) {
  const std::vector<std::string> answers = {
      repeated("(", 100000) + "1" + repeated(")", 99999),
      repeated("\\frac{1}{", 20000) + "2" + repeated("}", 20000),
      repeated("\\sqrt{", 5000) + "y" + repeated("}", 5000),
      repeated("\\sqrt{2+", 100) + "x" + repeated("}", 100),
      repeated("1", 1 << 20),
      repeated("{", 200000),
      repeated("2^", 3000) + "2",
      repeated("2^", 100) + "2",
      repeated("\\frac{1}{2}+", 90000) + "1",
      "9**9**9**9**9",
      "9^{9^{9^{9^9}}}-9^{9^{9^{9^9}}}+1",
      "(x+y+z+w+1)^{100000}",
      "(a+b+c+d+f+g+h+k+m+n)^{40}",
      "((x+y)^{50}+1)^{50}",
      "10^{10^{10}}!",
      "1000000000!",
      "\\binom{1000000}{500000}",
      "\\sum_{n=1}^{10^{18}} 1",
      "\\sum_{a=1}^{300}\\sum_{b=1}^{300}\\sum_{c=1}^{300}\\sum_{d=1}^{300} abcd",
      "1e999999999",
      "10^{-1000000000}",
      "\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}",
      "\\sqrt[720]{2}+\\sqrt[719]{3}+\\sqrt[718]{5}",
      "\\cos\\frac{\\pi}{719}+\\cos\\frac{\\pi}{717}+\\cos\\frac{\\pi}{713}",
      repeated("\\pm 1", 300),
      repeated("(\\pm 1, \\pm 2, \\pm 3, \\pm 4),", 100),
      repeated("1,", 5000),
      repeated("\\sin(", 140) + "x" + repeated(")", 140),
      repeated("\\begin{pmatrix}", 1000),
      repeated("<answer>", 10000) + repeated("</answer>", 10000),
      repeated("\\boxed{", 50000),
      repeated("$", 100001),
      repeated("the answer is ", 50000),
      repeated("it is false that the answer is ", 20000) + "8",
      repeated("so we have $1$ and ", 50000),
      repeated("the option A is wrong ", 30000),
      repeated("<<1=", 50000),
      "we see that it is " + repeated("x = 2 + ", 30000) + "1",
      "we see that they are " + repeated("1 and ", 50000) + "1",
      "we see that it is " + repeated("2) ", 50000) + "1",
      "we see that it is " + repeated("m^2 ", 50000),
      "we see that it is 5 " + repeated("but it is not ", 20000),
      repeated("x2", 100000),
      repeated("<|a", 100000),
      repeated("2 hours 2 minutes ", 1000),
      repeated("p=1, q=2 or ", 1500) + "p=1, q=2",
      "\\tan^{1000000}x",
      "e^{e^{e^{e^{e^{e^{79}}}}}}",
      "\\floor{e^{10000}}",
      "\\lfloor e^{1000000}\\rfloor",
      "x^{1/99999999999}",
      "\\sqrt[99999999999999999999]{2}",
      "0^{-1}",
      "0^0",
      "\\log_1 5",
      "\\ln 0",
      "\\frac{1}{\\sin\\pi}",
      std::string("1\0002", 3),
      "\xff\xfe\xfd",
      "\\",
      "{",
      "}",
      "^",
      "_",
      "&",
      "\\\\",
      "\\left",
      "\\frac",
      "\\frac{",
      "\\sqrt[",
      "\\begin{",
      "\\text{",
      "1_",
      "1^",
      "|",
      "||",
      "!",
      "x!!!"};
  for (const std::string& answer : answers) {
    for (const char* gold : {"-7", "x_9+\\frac{1}{3}", "(1,2),(3,4)"}) {
      const double start = processor_seconds();
      EXPECT_FALSE(grade_answer(gold, answer).equal) << answer.substr(0, 80);
      EXPECT_FALSE(grade_answer(answer, gold).equal) << answer.substr(0, 80);
      EXPECT_LT(processor_seconds() - start, kBound) << answer.substr(0, 80);
    }
    const double start = processor_seconds();
    grade_answer(answer, answer + " + 0");
    grade_answer("2\\cdot " + answer, answer + "\\cdot 2");
    EXPECT_LT(processor_seconds() - start, kBound) << answer.substr(0, 80);
  }
}

}  // namespace
}  // namespace r1
