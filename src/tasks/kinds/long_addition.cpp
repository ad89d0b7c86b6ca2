// Addition of long numbers, column by column.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

/// Of each of the two numbers.
constexpr std::array<Sizes, kHardest> kDigits = {{{1, 3}, {2, 6}, {6, 6}, {8, 8}}};

int power_of_ten(int exponent) {
  int power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// "1:7 2:4 3:2": the digits with their places from the right.
std::string placed_digits(int number) {
  std::string text;
  int place = 0;
  for (int left = number; left > 0; left /= 10) {
    if (place > 0) text += " ";
    text += std::to_string(++place) + ":" + std::to_string(left % 10);
  }
  return text;
}

int random_number(Random& random, const Sizes& digits) {
  const int low = power_of_ten(size_of(random, digits) - 1);
  return between(random, low, low * 10 - 1);
}

std::string solve(int a, int b) {
  std::string chain = "I number the digits from the right and add each column with its carry.\n" +
                      std::to_string(a) + " is " + placed_digits(a) + "\n" + std::to_string(b) +
                      " is " + placed_digits(b) + "\n";
  std::string result, first_column, last_column;
  int carry = 0, place = 0;
  for (int left = a, right = b; left > 0 || right > 0; left /= 10, right /= 10) {
    const int total = left % 10 + right % 10 + carry;
    last_column = std::to_string(left % 10) + "+" + std::to_string(right % 10) +
                  (carry > 0 ? "+1" : "") + "=" + std::to_string(total);
    if (++place == 1) first_column = last_column;
    const bool last = left < 10 && right < 10;
    result = std::to_string(last ? total : total % 10) + result;
    carry = total / 10;
    chain += std::to_string(place) + ": " + last_column + " gives " + result + "\n";
  }
  return chain + "Check: " + result + " ends in " + result.back() + " as " + first_column +
         " does, and starts as " + last_column + " does.";
}

Instance generate(Random& random, int difficulty) {
  const Sizes& digits = kDigits[static_cast<std::size_t>(difficulty - 1)];
  const int a = random_number(random, digits), b = random_number(random, digits);
  Instance instance;
  instance.answer = std::to_string(a + b);
  instance.chain = solve(a, b);
  instance.content = std::to_string(std::min(a, b)) + "+" + std::to_string(std::max(a, b));
  instance.question =
      phrase(random,
             {"What is {0} + {1}?", "Add {0} and {1}.", "What is the sum of {0} and {1}?",
              "Calculate {0} plus {1}.", "How much do {0} and {1} make together?", "{0} + {1}",
              "{0} + {1} = ?", "Compute {0} + {1}.", "What is {0} plus {1}?"},
             {std::to_string(a), std::to_string(b)});
  instance.follow_up = phrase(random,
                              {"And {0} + {1}?", "What about {0} and {1}?", "Now {0} and {1}.",
                               "And {0} plus {1}?", "The same with {0} and {1}."},
                              {std::to_string(a), std::to_string(b)});
  return instance;
}

}  // namespace

Task long_addition() {
  Task task;
  task.name = "long-addition";
  task.about = "the sum of two numbers of 6 digits";
  task.generate = generate;
  task.accepts = same_value;
  return task;
}

}  // namespace r1::tasks
