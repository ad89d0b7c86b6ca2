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
  Sizes digits_a, digits_b;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{{1, 2}, {1, 1}}, {{2, 3}, {1, 2}}, {{3, 3}, {3, 3}}, {{4, 4}, {3, 3}}}};

int random_number(Random& random, const Sizes& digits) {
  static constexpr std::array<int, 5> kPowers = {1, 10, 100, 1000, 10000};
  const auto size = static_cast<std::size_t>(size_of(random, digits));
  return between(random, size == 1 ? 2 : kPowers[size - 1], kPowers[size] - 1);
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  int a = random_number(random, level.digits_a), b = random_number(random, level.digits_b);
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
