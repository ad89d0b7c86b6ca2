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

/// The column for a - b of any signs, with numbers that aren't negative.
std::string column(int a, int b) {
  const int x = std::abs(a), y = std::abs(b);
  const bool adds = (a < 0) != (b < 0);
  return adds ? addition_steps(x, y) : subtraction_steps(std::max(x, y), std::min(x, y));
}

/// from - taken, of any signs, as it is written: "51-113", "-134+96".
std::string difference_text(int from, int taken) {
  return text(from) + (taken < 0 ? "+" : "-") + text(std::abs(taken));
}

/// from - taken in steps: with two signs that pull apart, the larger number goes first.
std::string difference_steps(int from, int taken) {
  const int x = std::abs(from), y = std::abs(taken);
  const bool adds = (from < 0) != (taken < 0);
  return (adds ? "" : comparison_steps(x, y) + ", ") + column(from, taken) + ", so " +
         difference_text(from, taken) + "=" + text(from - taken);
}

/// factor * x + term at the solution.
std::string value_at(int factor, int term, int x) {
  const int product = factor * x;
  return multiplication_steps(factor, std::abs(x)) + "; " + column(product, -term) + ", so " +
         text(factor) + "*" + in_formula(x) + (term < 0 ? "" : "+") + text(term) + "=" +
         text(product + term);
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
  // The side with more of the variable keeps it.
  const bool turned = a < c;
  const int factor = std::abs(a - c);
  const int from = turned ? b : d, taken = turned ? d : b, value = from - taken;
  const std::string high = text(turned ? c : a), low = text(turned ? a : c);
  Instance instance;
  instance.answer = text(x);
  instance.chain = "I bring what has " + variable +
                   " to one side and the numbers to the other: " + high + variable + "-" + low +
                   variable + "=" + difference_text(from, taken) + ".\n" + high + variable + "-" +
                   low + variable + " is " + text(factor) + variable + ", as " + high + "-" + low +
                   "=" + text(factor) + ".\nThe numbers: " + difference_steps(from, taken) + ".\n" +
                   text(factor) + variable + " is " + text(value) + ". ";
  if (factor > 1) instance.chain += division_steps(std::abs(value), factor) + ". ";
  instance.chain += "So " + variable + " is " + text(x) + ".\nCheck: " + value_at(a, b, x) + ".\n" +
                    value_at(c, d, x) + ". Both sides are equal.";
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
