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

/// The steps to the greatest common divisor, without divisions where the numbers are the same.
std::string common(int a, int b, int& divisor) {
  if (a != b) return common_divisor_steps(a, b, divisor);
  divisor = a;
  return comparison_steps(a, b) + ", the same, so the greatest common divisor is " +
         std::to_string(a);
}

/// Both numbers over their divisor: "Divide both by 5: 15=5*3; 20=5*4".
std::string divided(int& a, int& b, int divisor) {
  const std::string steps = "Divide both by " + std::to_string(divisor) + ": " +
                            quotient_steps(a, divisor) + "; " + quotient_steps(b, divisor);
  a /= divisor;
  b /= divisor;
  return steps;
}

/// What is common to a number above and one below is taken out of both.
std::string taken_out(int& above, int& below) {
  int divisor = 1;
  std::string steps = "Above and below, ";
  if (std::min(above, below) == 1) {
    return steps + std::to_string(above) + " and " + std::to_string(below) +
           " have only 1 in common.\n";
  }
  steps += common(above, below, divisor) + ".";
  if (divisor > 1) steps += " " + divided(above, below, divisor) + ".";
  return steps + "\n";
}

/// How a fraction is brought to the common denominator: "As 1/4 has 4 below, 16/9 is taken 4
/// times", with "10/5=2" in between where the other denominator is divided by the common divisor.
std::string taken(const Fraction& fraction, const Fraction& other, int divisor) {
  const int times = other.below / divisor;
  std::string reason = "As " + text(other) + " has " + std::to_string(other.below) + " below";
  if (divisor > 1) {
    reason += " and " + std::to_string(other.below) + "/" + std::to_string(divisor) + "=" +
              std::to_string(times);
  }
  return reason + ", " + text(fraction) + " is taken " +
         (times == 1 ? "once" : std::to_string(times) + " times");
}

/// A sum or a difference over the common denominator in lowest terms: where two fractions are in
/// lowest terms, only what divides both denominators can divide above and below.
std::string reduced(Fraction& fraction, int divisor) {
  const std::string before = text(fraction);
  if (divisor == 1) {
    return "As only 1 divides both denominators, " + before + " is in lowest terms.";
  }
  std::string steps =
      "What divides " + before + " above and below divides " + std::to_string(divisor) + " too: ";
  steps += common(fraction.above, divisor, divisor) + ". ";
  if (divisor == 1) return steps + "So " + before + " is in lowest terms.";
  return steps + divided(fraction.above, fraction.below, divisor) + ".";
}

/// The steps of a/b + c/d or a/b - c/d over the least common denominator. The sign is told in words
/// at the beginning and where it matters.
std::string add(const Fraction& a, const Fraction& b, char sign, Fraction& result) {
  int divisor = 1;
  std::string steps = (sign == '+' ? "I add " + text(a) + " and " + text(b)
                                   : "From " + text(a) + " I take " + text(b)) +
                      " and look at what is below.\n" + common(a.below, b.below, divisor) + ".\n";
  const int times_a = b.below / divisor, times_b = a.below / divisor;
  const int x = a.above * times_a, y = b.above * times_b;
  if (a.below != b.below) {
    steps += taken(a, b, divisor) + ": below " + multiplication_steps(a.below, times_a) +
             ", above " + multiplication_steps(a.above, times_a) + ".\n" + taken(b, a, divisor) +
             ": above " + multiplication_steps(b.above, times_b) + ".\n";
  }
  result = {sign == '+' ? x + y : x - y, a.below * times_a};
  return steps +
         (sign == '+' ? "Added above: " + addition_steps(x, y)
                      : "Taken off above: " + subtraction_steps(x, y)) +
         ".\n" + reduced(result, divisor);
}

/// What is above the one and below the other is made as small as it can be before it is multiplied,
/// so that nothing is left to reduce.
std::string multiply(Fraction a, Fraction b, Fraction& result) {
  std::string steps = "Before I multiply " + text(a) + " by " + text(b) +
                      ", I take out what is common above and below.\n";
  steps += taken_out(a.above, b.below) + taken_out(b.above, a.below);
  result = {a.above * b.above, a.below * b.below};
  return steps + "Left is " + text(a) + " by " + text(b) + ", above " +
         multiplication_steps(a.above, b.above) + ", below " +
         multiplication_steps(a.below, b.below) + ".";
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
    instance.chain = multiply(a, b, result);
  } else if (sign == '/') {
    const Fraction turned{b.below, b.above};
    instance.chain = "Dividing by " + text(b) + " is multiplying by " + text(turned) + ".\n" +
                     multiply(a, turned, result);
  } else {
    instance.chain = add(a, b, sign, result);
  }
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
