// Sums, differences, products and quotients of fractions, in lowest terms.
#include <algorithm>
#include <array>
#include <numeric>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

constexpr std::array<int, kHardest> kLargestDenominator = {6, 12, 20, 40};

struct Fraction {
  int above, below;
};

std::string text(const Fraction& fraction) {
  return std::to_string(fraction.above) + "/" + std::to_string(fraction.below);
}

/// number / divisor without a remainder: a fact of the tables, or division steps.
std::string quotient_steps(int number, int divisor) {
  const int quotient = number / divisor;
  if (quotient > 9) return division_steps(number, divisor);
  return std::to_string(number) + "=" + std::to_string(divisor) + "*" + std::to_string(quotient);
}

/// The fraction over their greatest common divisor, with the steps that lead there.
std::string reduced(Fraction& fraction) {
  int divisor = 1;
  const std::string before = text(fraction);
  if (fraction.above == 1 || fraction.below == 1) {
    return before + " is in lowest terms, as only 1 goes into 1.";
  }
  std::string steps = "To reduce " + before + ": " +
                      common_divisor_steps(fraction.above, fraction.below, divisor) + ".";
  if (divisor == 1) return steps + " It is in lowest terms.";
  const Fraction result{fraction.above / divisor, fraction.below / divisor};
  steps += " Divide both by " + std::to_string(divisor) + ": " +
           quotient_steps(fraction.above, divisor) + "; " +
           quotient_steps(fraction.below, divisor) + ".";
  fraction = result;
  return steps;
}

/// The steps of a/b + c/d or a/b - c/d over the least common denominator.
std::string add(const Fraction& a, const Fraction& b, char sign, Fraction& result) {
  int divisor = 1;
  std::string steps = "They need a common denominator. ";
  if (a.below == b.below) {
    steps = "Both have the denominator " + std::to_string(a.below) + ". ";
    divisor = a.below;
  } else {
    steps += "For " + std::to_string(a.below) + " and " + std::to_string(b.below) + ": " +
             common_divisor_steps(a.below, b.below, divisor) + ". ";
  }
  const int times_a = b.below / divisor, times_b = a.below / divisor;
  const int x = a.above * times_a, y = b.above * times_b;
  if (a.below != b.below) {
    const std::string by = "/" + std::to_string(divisor) + "=";
    if (divisor > 1) {
      steps += std::to_string(b.below) + by + std::to_string(times_a) + " and " +
               std::to_string(a.below) + by + std::to_string(times_b) + ". ";
    }
    steps += "So the first is taken " + std::to_string(times_a) + " times and the second " +
             std::to_string(times_b) + " times.\nBelow: " + multiplication_steps(a.below, times_a) +
             ". Above: " + multiplication_steps(a.above, times_a) + "; " +
             multiplication_steps(b.above, times_b) + ". ";
  }
  steps += sign == '+' ? addition_steps(x, y) : subtraction_steps(x, y);
  result = {sign == '+' ? x + y : x - y, a.below * times_a};
  return steps + ".\n";
}

std::string multiply(const Fraction& a, const Fraction& b, Fraction& result) {
  result = {a.above * b.above, a.below * b.below};
  return "Above: " + multiplication_steps(a.above, b.above) +
         ". Below: " + multiplication_steps(a.below, b.below) + ".\n";
}

Fraction random_fraction(Random& random, int largest) {
  for (;;) {
    const int below = between(random, 2, largest);
    const int above = between(random, 1, std::min(2 * below - 1, largest));
    if (std::gcd(above, below) == 1) return {above, below};
  }
}

Instance generate(Random& random, int difficulty) {
  const int largest = kLargestDenominator[static_cast<std::size_t>(difficulty - 1)];
  Fraction a = random_fraction(random, largest), b = random_fraction(random, largest);
  const char sign = "++--*/"[random.below(6)];
  while (a.above * b.below == b.above * a.below) b = random_fraction(random, largest);
  if (sign == '-' && a.above * b.below < b.above * a.below) std::swap(a, b);
  Instance instance;
  Fraction result{};
  if (sign == '*') {
    instance.chain = "Fractions are multiplied above and below.\n" + multiply(a, b, result);
  } else if (sign == '/') {
    const Fraction turned{b.below, b.above};
    instance.chain = "Dividing by " + text(b) + " is multiplying by " + text(turned) + ".\n" +
                     multiply(a, turned, result);
  } else {
    instance.chain = add(a, b, sign, result);
  }
  instance.chain += reduced(result);
  instance.answer = result.below == 1 ? std::to_string(result.above) : text(result);
  instance.chain += " The result is " + instance.answer + ".";
  const bool symmetric = sign == '+' || sign == '*';
  const bool turned = symmetric && text(b) < text(a);
  instance.content = text(turned ? b : a) + " " + sign + " " + text(turned ? a : b);
  const std::string shown =
      sign == '/' ? "(" + text(a) + ") / (" + text(b) + ")" : text(a) + " " + sign + " " + text(b);
  instance.question = phrase(
      random,
      {"What is {0}? Give the answer in lowest terms.",
       "Calculate {0} and reduce the result to lowest terms.",
       "Work out {0} as a fraction in lowest terms.", "Find {0} in its simplest form.",
       "{0} = ? Simplify.", "Compute {0}.", "What is {0} as a fraction?", "How much is {0}?"},
      {shown});
  instance.follow_up =
      phrase(random, {"And {0}?", "What about {0}?", "Now {0}.", "The same with {0}."}, {shown});
  return instance;
}

/// The number that begins at `at`, which moves behind it; -1 where none does or it is too long.
int number_at(const std::string& text, std::size_t& at) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  const std::size_t begin = at;
  at = end;
  return end == begin || end - begin > 9 ? -1 : std::stoi(text.substr(begin, end - begin));
}

/// Whether no fraction in the text can be reduced: "6/8" and "\\frac{6}{8}" can.
bool in_lowest_terms(const std::string& text) {
  for (std::size_t at = 0; (at = text.find_first_of("0123456789", at)) != std::string::npos;) {
    const int above = number_at(text, at);
    const std::size_t sign = std::min(text.find_first_not_of(" }", at), text.size());
    if (sign == text.size() || (text[sign] != '/' && text[sign] != '{')) continue;
    at = std::min(text.find_first_not_of(" {", sign + 1), text.size());
    const int below = number_at(text, at);
    if (above < 0 || below <= 1 || std::gcd(above, below) != 1) return false;
  }
  return true;
}

bool accepts(const std::string& answer, std::string_view response) {
  return same_value(answer, response) && in_lowest_terms(final_answer(response));
}

}  // namespace

Task fractions() {
  Task task;
  task.name = "fractions";
  task.about = "+ - * / of two fractions with denominators up to 20, in lowest terms";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
