// Equations a x + b = c x + d with a whole solution.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int largest_factor, largest_term, largest_solution;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{5, 10, 9}, {7, 20, 20}, {9, 99, 50}, {29, 200, 99}}};

std::string text(int number) {
  return std::to_string(number);
}

/// "7x + 12", "x - 3".
std::string side(int factor, int term, const std::string& variable) {
  const std::string product = (factor == 1 ? "" : text(factor)) + variable;
  return product + (term < 0 ? " - " : " + ") + text(std::abs(term));
}

std::string with_sign(int number) {
  return (number < 0 ? "-" : "+") + text(std::abs(number));
}

/// a + b of any signs: "65-94: 65 and 94: 6 below 9, 94-65: ... so 29, so 65-94=-29". Of a sum that
/// begins below 0 it is said which sign has more.
std::string signed_sum(int a, int b) {
  if (a >= 0 && b >= 0) return addition_steps(a, b);
  const int x = std::abs(a), y = std::abs(b);
  const std::string sides = text(a) + with_sign(b), result = ", so " + sides + "=" + text(a + b);
  if (a < 0 && b < 0) return "both have minus, " + addition_steps(x, y) + result;
  const std::string compared =
      comparison_steps(x, y) + ", " + subtraction_steps(std::max(x, y), std::min(x, y));
  if (a >= 0) return compared + (x < y ? result : std::string());
  return compared + (x > y ? ", minus has more" : x < y ? ", plus has more" : "") + result;
}

struct Equation {
  int a, b, c, d, x;  // a x + b = c x + d
  std::string variable;
};

/// Both sides are changed alike until the variable stands alone: what is less of it is taken from
/// both, then the number beside it.
std::string solve(const Equation& equation) {
  const auto& [a, b, c, d, x, variable] = equation;
  const bool turned = a < c;  // the right side keeps the variable
  const int less = std::min(a, c), factor = std::abs(a - c), value = factor * x;
  const int beside = turned ? d : b, alone = turned ? b : d;
  const std::string multiple = text(factor) + variable, kept = multiple + with_sign(beside);
  std::string chain = "I do the same to both sides of " + text(a) + variable + with_sign(b) + "=" +
                      text(c) + variable + with_sign(d) + ".\n" + comparison_steps(a, c) +
                      ", so I take " + text(less) + variable +
                      " from both: " + text(less + factor) + "-" + text(less) + "=" + text(factor) +
                      ", so " + (turned ? text(alone) + "=" + kept : kept + "=" + text(alone)) +
                      ".\nI " + (beside < 0 ? "add " : "take ") + text(std::abs(beside)) +
                      (beside < 0 ? " to both: " : " from both: ") + signed_sum(alone, -beside) +
                      ". So " + multiple + " is " + text(value) + ".\n";
  if (factor > 1) chain += division_steps(std::abs(value), factor) + ". ";
  if (value < 0) chain += text(value) + " has minus. ";
  return chain + "So " + variable + " is " + text(x) + ".\n";
}

/// factor * x + term at the solution.
std::string value_at(int factor, int term, int x) {
  std::string steps = multiplication_steps(factor, std::abs(x));
  if (x < 0) steps += ", with minus";
  return steps + "; " + signed_sum(factor * x, term);
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  int a = 0, b = 0, c = 0, d = 0, x = 0;
  do {
    a = between(random, 1, level.largest_factor);
    c = between(random, 1, level.largest_factor);
    x = between(random, -level.largest_solution, level.largest_solution);
    b = between(random, -level.largest_term, level.largest_term);
    d = (a - c) * x + b;
  } while (a == c || b == 0 || d == 0 || std::abs(d) > 10 * level.largest_term);
  const std::string variable(1, "xyznt"[random.below(5)]);
  const std::string left = side(a, b, variable), right = side(c, d, variable);
  Instance instance;
  instance.answer = text(x);
  instance.chain = solve({a, b, c, d, x, variable}) + "Check: " + value_at(a, b, x) + ".\n" +
                   value_at(c, d, x) + ". Both sides are " + text(a * x + b) + ".";
  instance.content = text(a) + "x+" + text(b) + "=" + text(c) + "x+" + text(d);
  instance.question =
      phrase(random,
             {"Solve {0} = {1} for {2}.", "Find {2} such that {0} = {1}.",
              "What is {2} if {0} = {1}?", "For which {2} does {0} = {1} hold?", "Solve {0} = {1}.",
              "{0} = {1}. What is {2}?", "Solve for {2}: {0} = {1}"},
             {left, right, variable});
  instance.follow_up = phrase(
      random, {"And {0} = {1}?", "What about {0} = {1}?", "Now {0} = {1}.", "And if {0} = {1}?"},
      {left, right});
  return instance;
}

}  // namespace

Task linear_equations() {
  Task task;
  task.name = "linear-equations";
  task.about = "solve a x + b = c x + d with a solution up to 50";
  task.generate = generate;
  task.accepts = same_value;
  return task;
}

}  // namespace r1::tasks
