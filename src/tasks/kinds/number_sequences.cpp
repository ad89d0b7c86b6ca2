// Sequences of second order: the rule's kind is told, so that there is one right answer.
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
  Sizes terms;
  int start, difference, second;  // the largest first number, difference and change of it
};
constexpr std::array<Level, kHardest> kLevels = {
    {{{4, 6}, 20, 9, 0}, {{4, 6}, 50, 12, 3}, {{5, 5}, 99, 40, 12}, {{5, 5}, 900, 200, 60}}};

std::string text(int number) {
  return std::to_string(number);
}

/// "12 and 31: 1 below 3, up: 31-12: 11-2=9, 3-1-1=1, so 19".
std::string difference(int a, int b) {
  const int high = std::max(a, b), low = std::min(a, b);
  return comparison_steps(a, b) +
         (b < a   ? ", down: "
          : b > a ? ", up: "
                  : ", the same: ") +
         subtraction_steps(high, low);
}

std::string signed_text(int number) {
  return (number < 0 ? "down " : "up ") + text(std::abs(number));
}

/// a + b of any signs in words that a column can follow.
std::string signed_sum(int a, int b) {
  const int x = std::abs(a), y = std::abs(b);
  if ((a < 0) == (b < 0)) return addition_steps(x, y);
  return comparison_steps(x, y) + ", " + subtraction_steps(std::max(x, y), std::min(x, y));
}

Instance quadratic(Random& random, const Level& level) {
  const int count = size_of(random, level.terms);
  std::vector<int> terms;
  int second = 0;
  do {
    terms = {between(random, 1, level.start)};
    int step = between(random, -level.difference, level.difference);
    second = level.second == 0 ? 0 : between(random, -level.second, level.second);
    for (int i = 0; i < count; ++i, step += second) terms.push_back(terms.back() + step);
  } while (*std::min_element(terms.begin(), terms.end()) < 1 || (level.second > 0 && second == 0) ||
           terms[1] == terms[0]);
  const int next = terms.back();
  terms.pop_back();
  Instance instance;
  instance.chain = "First the differences.\n";
  std::vector<int> steps;
  for (std::size_t i = 1; i < terms.size(); ++i) {
    steps.push_back(terms[i] - terms[i - 1]);
    instance.chain += difference(terms[i - 1], terms[i]) + ".\n";
  }
  const int last = steps.back(), before_last = steps[steps.size() - 2];
  instance.chain +=
      "The differences change by the same each time: from " + signed_text(steps[0]) + " to " +
      signed_text(steps[1]) + ": " + signed_sum(steps[1], -steps[0]) + ", so " +
      signed_text(second) + ". From " + signed_text(before_last) + " to " + signed_text(last) +
      ": " + signed_sum(last, -before_last) + ", so " + signed_text(second) +
      " too.\nThe next difference, " + signed_text(last) + " and " + signed_text(second) + ": " +
      signed_sum(last, second) + ", so " + signed_text(last + second) + ".\n" +
      (last + second < 0 ? subtraction_steps(terms.back(), -(last + second))
                         : addition_steps(terms.back(), last + second)) +
      ".\nThe next number is " + text(next) + ". Check: " + text(std::max(next, terms.back())) +
      "-" + text(std::min(next, terms.back())) + "=" + text(std::abs(last + second)) + ".";
  instance.answer = text(next);
  instance.content = "differences " + listed(terms, " ");
  instance.question = phrase(
      random,
      {"In the sequence {0} the difference between neighbours changes by the same amount at each "
       "step. What is the next number?",
       "The second differences of {0} are constant. Which number comes next?",
       "Continue the sequence {0} by one number. Its differences grow or shrink by the same amount "
       "each time.",
       "What is the next number in the sequence {0}?", "What comes next: {0}?",
       "Find the next term of {0}."},
      {listed(terms)});
  instance.follow_up =
      phrase(random, {"And {0}?", "What about {0}?", "Now {0}.", "And which number follows {0}?"},
             {listed(terms)});
  instance.unsaid = "differences";
  return instance;
}

Instance recurrence(Random& random, const Level& level) {
  const int largest = std::clamp(level.difference, 9, 40);
  const int before = between(random, 1, 3), second = between(random, 1, 3);
  std::vector<int> terms = {between(random, 1, largest), between(random, 1, largest)};
  for (int i = 0; i < 2; ++i) {
    terms.push_back(before * terms[terms.size() - 1] + second * terms[terms.size() - 2]);
  }
  const int a = terms[3], b = terms[2], x = before * a, y = second * b;
  Instance instance;
  instance.answer = text(x + y);
  const auto times = [](int factor) {
    return factor == 1 ? "once" : factor == 2 ? "twice" : "3 times";
  };
  instance.chain = std::string("The rule takes ") + times(before) + " the last number, " + text(a) +
                   ", and " + times(second) + " the one before it, " + text(b) + ".\n" +
                   multiplication_steps(a, before) + ".\n" + multiplication_steps(b, second) +
                   ".\n" + addition_steps(x, y) + ".\nCheck: the result is more than " +
                   text(std::max(x, y)) + ", as it must be.";
  instance.content = "rule " + text(before) + " " + text(second) + ": " + listed(terms, " ");
  instance.question = phrase(
      random,
      {"In the sequence {0} each number after the second is {1} the number before it plus {2} the "
       "number two places before it. What is the next number?",
       "From the third number on, every number of {0} is {1} the previous one plus {2} the one "
       "before that. Which number comes next?"},
      {listed(terms), times(before), times(second)});
  instance.follow_up = phrase(random,
                              {"And {0} by the same rule?", "What about {0} with this rule?",
                               "The rule is the same for {0}. What comes next?"},
                              {listed(terms)});
  instance.unsaid = "rule " + text(before) + " " + text(second);
  return instance;
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  return difficulty > 1 && random.below(6) == 0 ? recurrence(random, level)
                                                : quadratic(random, level);
}

}  // namespace

Task number_sequences() {
  Task task;
  task.name = "number-sequences";
  task.about = "the next number of a sequence of second order";
  task.generate = generate;
  task.accepts = same_value;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
