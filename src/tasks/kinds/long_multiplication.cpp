// Multiplication of long numbers, digit by digit.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int low_a, high_a, low_b, high_b;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{13, 99, 2, 9}, {11, 99, 11, 99}, {100, 999, 100, 999}, {1000, 9999, 100, 999}}};

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  int a = between(random, level.low_a, level.high_a),
      b = between(random, level.low_b, level.high_b);
  if (random.below(2) == 0) std::swap(a, b);
  const std::string product = std::to_string(a * b);
  const int x = a % 10, y = b % 10;
  Instance instance;
  instance.answer = product;
  instance.chain = "I multiply by one digit at a time, from the right, and add the parts.\n";
  for (const char c : multiplication_steps(a, b)) {
    if (c == ' ' && instance.chain.back() == ';') {
      instance.chain.back() = '.';
      instance.chain += '\n';
    } else {
      instance.chain += c;
    }
  }
  instance.chain += ".\nCheck: " + std::to_string(x) + "*" + std::to_string(y) + "=" +
                    std::to_string(x * y) + " ends in " + std::to_string(x * y % 10) + ", and " +
                    product + " ends in " + product.back() + ".";
  instance.content = std::to_string(std::min(a, b)) + "*" + std::to_string(std::max(a, b));
  instance.question = phrase(
      random,
      {"What is {0} * {1}?", "Multiply {0} by {1}.", "What is the product of {0} and {1}?",
       "Calculate {0} times {1}.", "How much is {0} times {1}?", "{0} * {1}", "{0} * {1} = ?",
       "Compute {0} * {1}.", "What is {0} times {1}?", "What is {0} x {1}?"},
      {std::to_string(a), std::to_string(b)});
  instance.follow_up = phrase(random,
                              {"And {0} * {1}?", "What about {0} and {1}?", "Now {0} and {1}.",
                               "And {0} times {1}?", "The same with {0} and {1}."},
                              {std::to_string(a), std::to_string(b)});
  return instance;
}

}  // namespace

Task long_multiplication() {
  Task task;
  task.name = "long-multiplication";
  task.about = "the product of two numbers of 3 digits";
  task.generate = generate;
  task.accepts = same_value;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
