// Greatest common divisors and least common multiples, by Euclid.
#include <algorithm>
#include <array>
#include <numeric>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int highest, largest_divisor;
};
constexpr std::array<Level, kHardest> kLevels = {{{30, 6}, {99, 15}, {999, 60}, {9999, 200}}};

struct Pair {
  int a, b, divisor;
};

/// Two different numbers with a common divisor that isn't mostly 1.
Pair random_pair(Random& random, const Level& level) {
  for (;;) {
    // Small divisors come more often: they leave more numbers to choose from.
    const int divisor = between(random, 1, between(random, 1, level.largest_divisor));
    const int most = level.highest / divisor;
    const int a = divisor * between(random, 2, most), b = divisor * between(random, 2, most);
    if (a != b && std::gcd(a, b) == divisor) return {a, b, divisor};
  }
}

/// A division of Euclid's: high = low * times + rest.
struct Step {
  int high, low, times, rest;

  std::string text() const {
    const std::string product =
        std::to_string(high) + "=" + std::to_string(low) + "*" + std::to_string(times);
    return rest == 0 ? product : product + "+" + std::to_string(rest);
  }
};

/// The divisions down to the remainder 0, the last one first.
std::vector<Step> steps_back(const Pair& pair) {
  std::vector<Step> steps;
  int high = std::max(pair.a, pair.b), low = std::min(pair.a, pair.b);
  while (low > 0) {
    steps.insert(steps.begin(), {high, low, high / low, high % low});
    high = low;
    low = steps.front().rest;
  }
  return steps;
}

/// What divides two numbers of a division divides the third: from the last division back to the
/// first. "7 goes into 14=7*2, so into 35=14*2+7".
std::string divisor_check(const Pair& pair) {
  if (pair.divisor == 1) return "The remainder is 1, so no larger number goes into both.";
  std::string check = "Check: " + std::to_string(pair.divisor) + " goes ";
  for (const Step& step : steps_back(pair)) {
    check += (check.ends_with("goes ") ? "into " : ", so into ") + step.text();
  }
  return check + ".";
}

/// lcm = larger * (smaller / divisor); the quotient grows on the way back through the divisions.
std::string multiple_steps(const Pair& pair) {
  const int small = std::min(pair.a, pair.b), large = std::max(pair.a, pair.b);
  std::string text = "The least common multiple is " + std::to_string(large) + " times how often " +
                     std::to_string(pair.divisor) + " goes into " + std::to_string(small) + ".\n";
  int of_low = 1, of_rest = 0;  // how often the divisor goes into them
  for (const Step& step : steps_back(pair)) {
    if (step.high == large) break;
    const int of_high = of_low * step.times + of_rest;
    text += "Into " + step.text() + ": ";
    if (of_rest > 0 && std::max(of_low, step.times) < 10) {
      text += std::to_string(of_low) + "*" + std::to_string(step.times) + "+" +
              std::to_string(of_rest) + "=" + std::to_string(of_high);
    } else if (of_rest > 0) {
      text += multiplication_steps(of_low, step.times) + ", " +
              addition_steps(of_low * step.times, of_rest);
    } else {
      text += std::to_string(of_high);
    }
    text += ".\n";
    of_rest = of_low;
    of_low = of_high;
  }
  return text + multiplication_steps(large, of_low) + ".\n";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const bool multiple = random.below(2) == 0;
  Pair pair = random_pair(random, level);
  // What is left of the smaller number is small, so that the multiple stays near the numbers.
  while (multiple && (std::min(pair.a, pair.b) / pair.divisor > 12 || pair.divisor < 2)) {
    pair = random_pair(random, level);
  }
  const auto [a, b, divisor] = pair;
  const std::string first = std::to_string(a), second = std::to_string(b);
  int found = 0;
  Instance instance;
  instance.chain = "I divide the larger by the smaller and go on with the remainder.\n" +
                   common_divisor_steps(a, b, found) + ".\n";
  if (multiple) {
    instance.answer = std::to_string(a / divisor * b);
    instance.chain += multiple_steps(pair) + "So the least common multiple is " + instance.answer +
                      ", and both numbers divide it.";
  } else {
    instance.answer = std::to_string(divisor);
    instance.chain += divisor_check(pair);
  }
  instance.content = (multiple ? "lcm " : "gcd ") + std::to_string(std::min(a, b)) + " " +
                     std::to_string(std::max(a, b));
  if (multiple) {
    instance.question =
        phrase(random,
               {"What is the least common multiple of {0} and {1}?", "Find the lcm of {0} and {1}.",
                "Which is the smallest positive number that both {0} and {1} divide "
                "without a remainder?",
                "What is the lcm of {0} and {1}?", "Least common multiple of {0} and {1}?",
                "lcm({0}, {1})"},
               {first, second});
  } else {
    instance.question = phrase(
        random,
        {"What is the greatest common divisor of {0} and {1}?", "Find the gcd of {0} and {1}.",
         "Which is the largest number that divides both {0} and {1} without "
         "a remainder?",
         "What is the gcd of {0} and {1}?", "Greatest common divisor of {0} and {1}?",
         "What is the greatest common factor of {0} and {1}?", "gcd({0}, {1})"},
        {first, second});
  }
  instance.follow_up = phrase(random,
                              {"And of {0} and {1}?", "What about {0} and {1}?",
                               "Now for {0} and {1}.", "And for {0} and {1}?"},
                              {first, second});
  instance.unsaid = multiple ? "lcm" : "gcd";
  return instance;
}

}  // namespace

Task gcd_lcm() {
  Task task;
  task.name = "gcd-lcm";
  task.about = "greatest common divisor or least common multiple of two numbers up to 999";
  task.generate = generate;
  task.accepts = same_value;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
