// Division with remainder.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int low, high, largest_divisor;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{1, 99, 9}, {10, 999, 99}, {1000, 9999, 99}, {10000, 99999, 99}}};

struct Division {
  int quotient, remainder;
};

/// The last digits of quotient times divisor plus remainder are enough to see most mistakes.
std::string check(const Division& result, int divisor, const std::string& dividend) {
  const int x = result.quotient % 10, y = divisor % 10, product = x * y;
  const int sum = product % 10 + result.remainder;
  return "Check the last digits: " + std::to_string(x) + "*" + std::to_string(y) + "=" +
         std::to_string(product) + ", " + std::to_string(product % 10) + "+" +
         std::to_string(result.remainder) + "=" + std::to_string(sum) + " ends in " +
         std::to_string(sum % 10) + " as " + dividend + " does. The remainder " +
         std::to_string(result.remainder) + " is less than " + std::to_string(divisor) + ".";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const int a = between(random, level.low, level.high);
  const bool small = level.largest_divisor < 10 || random.below(4) == 0;
  const int b = small ? between(random, 2, 9) : between(random, 10, level.largest_divisor);
  const Division result{a / b, a % b};
  const std::string dividend = std::to_string(a), divisor = std::to_string(b);
  Instance instance;
  instance.answer =
      std::to_string(result.quotient) + " remainder " + std::to_string(result.remainder);
  instance.chain = "I take the digits from the left and divide what stands so far.\n" +
                   division_steps(a, b) + ".\n" + check(result, b, dividend);
  instance.content = dividend + "/" + divisor;
  instance.question = phrase(
      random,
      {"Divide {0} by {1}. What are the quotient and the remainder?",
       "What is {0} divided by {1}? Give the quotient and the remainder.",
       "How many times does {1} go into {0}, and what is the remainder?",
       "Work out {0} / {1} as a whole number with a remainder.",
       "{0} / {1} = ? Give the remainder too.", "Find the quotient and the remainder of {0} / {1}.",
       "Divide {0} by {1} with a remainder."},
      {dividend, divisor});
  instance.follow_up = phrase(random,
                              {"And {0} by {1}?", "What about {0} / {1}?", "Now {0} by {1}.",
                               "And {0} divided by {1}?", "The same with {0} and {1}."},
                              {dividend, divisor});
  return instance;
}

/// "12 remainder 5", "12 R 5", "quotient 12, remainder 5", "12, 5"; without a remainder, "12".
bool read(std::string_view text, Division& division) {
  std::string spaced;
  for (const char c : text) {
    // "12r5", "12R5"
    if (c == 'r' && !spaced.empty() && spaced.back() >= '0' && spaced.back() <= '9') spaced += ' ';
    if (c >= '0' && c <= '9' && spaced.ends_with(" r")) spaced += ' ';
    spaced += c;
  }
  const auto numbers = integers_of(
      spaced, {"remainder", "r", "rem", "q", "quotient", "the", "is", "of", "with", "a"});
  if (!numbers || numbers->empty() || numbers->size() > 2) return false;
  division = {numbers->front(), numbers->size() > 1 ? numbers->back() : 0};
  const std::size_t named = spaced.find('r'), digit = spaced.find_first_of("0123456789");
  if (numbers->size() > 1 && named < digit) std::swap(division.quotient, division.remainder);
  return true;
}

bool accepts(const std::string& answer, std::string_view response) {
  Division right{}, given{};
  return read(answer, right) && read(final_words(response), given) &&
         right.quotient == given.quotient && right.remainder == given.remainder;
}

}  // namespace

Task division() {
  Task task;
  task.name = "division";
  task.about = "quotient and remainder of a number of 4 digits and one of 1 or 2";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
