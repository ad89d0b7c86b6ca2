// Prime factorizations, by trying primes in order.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

constexpr std::array<int, kHardest> kHighest = {50, 200, 999, 9999};
/// Up to the first whose square is above all numbers.
constexpr std::array<int, 26> kPrimes = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37, 41,
                                         43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101};

std::string text(int number) {
  return std::to_string(number);
}

/// What tells whether 3 divides: "digits 1+4=5, 5+5=10, 10=3*3+1".
std::string digit_sum(int number) {
  const std::string digits = text(number);
  std::string sums;
  int total = digits[0] - '0';
  for (const char digit : digits.substr(1)) {
    sums += text(total) + "+" + digit + "=" + text(total + digit - '0') + ", ";
    total += digit - '0';
  }
  return "digits " + sums + text(total) + "=3*" + text(total / 3) + "+" + text(total % 3);
}

/// What is left when a multiple of the prime is taken off: "13*5=65: 6 as 6, 5 below 6, 66-65: ...
/// so 1". The first multiple is sometimes too large.
std::string multiple_taken(int rest, int prime) {
  const int times = rest / prime;
  if (prime < 12) {  // a fact
    return text(rest) + "=" + text(prime) + "*" + text(times) + "+" + text(rest % prime);
  }
  const bool tries_more = times == 0 || (times < 9 && (rest * 31 + prime * 17) % 16 == 0);
  std::string steps;
  for (int factor = times + (tries_more ? 1 : 0); factor >= std::max(times, 1); --factor) {
    const int multiple = prime * factor;
    steps += text(prime) + "*" + text(factor) + "=" + text(multiple) + ": " +
             compared_digits(multiple, rest) + ", " +
             (multiple > rest ? "too much, " : subtraction_steps(rest, multiple));
  }
  return times == 0 ? steps + text(rest) : steps;
}

/// Whether a prime divides, in fewer words than division_steps has: there are many, of primes whose
/// multiples are known, and mostly it doesn't.
std::string short_division(int number, int prime) {
  const std::string digits = text(number);
  std::string steps = digits + "/" + text(prime) + ": ";
  int rest = 0;
  bool begun = false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    rest = rest * 10 + (digits[i] - '0');
    if (!begun && rest < prime) continue;
    begun = true;
    steps += multiple_taken(rest, prime);
    if (i + 1 < digits.size()) steps += " left " + digits.substr(i + 1);
    steps += ", ";
    rest %= prime;
  }
  if (rest > 0) return steps + "no.\n";
  return steps + "so " + text(number / prime) + " times, yes.";
}

/// Whether a prime divides: the last digit for 2 and 5, the sum of the digits for 3, then and else
/// the division.
std::string trial(int number, int prime) {
  const bool divides = number % prime == 0;
  std::string steps;
  if (prime == 2 || prime == 5) steps = text(number) + " ends in " + text(number % 10);
  if (prime == 3 && number > 9) steps = digit_sum(number);
  if (!steps.empty() && !divides) return steps + ", no.\n";
  if (!steps.empty()) steps += ", ";
  return steps + short_division(number, prime);
}

/// "7*7=49: 2 below 3 digits": whether a prime is still to be tried for the rest.
std::string square(int prime, int rest) {
  return text(prime) + "*" + text(prime) + "=" + text(prime * prime) + ": " +
         compared_digits(prime * prime, rest);
}

/// Tries the primes until the square of one is above what is left. What is found is written as a
/// product each time, so that the last one is the answer.
std::string solve(int number, std::vector<int>& factors) {
  std::string chain = "I try the primes in order, as long as their square isn't above the rest.\n";
  int rest = number, prime = kPrimes[0];
  for (std::size_t tried = 0; prime * prime <= rest;) {
    chain += square(prime, rest) + ". " + trial(rest, prime);
    if (rest % prime != 0) {
      prime = kPrimes.at(++tried);
      continue;
    }
    factors.push_back(prime);
    rest /= prime;
    chain += " " + text(number) + "=" + listed(factors, "*") + "*" + text(rest) + ".\n";
  }
  factors.push_back(rest);
  return chain + square(prime, rest) + ", so " + text(rest) + " is prime.\n";
}

std::string check(const std::vector<int>& factors) {
  if (factors.size() == 1) return "It has no other factor.";
  std::string steps = "Check: ";
  int product = factors[0];
  for (std::size_t i = 1; i < factors.size(); ++i) {
    steps += (i > 1 ? "; " : "") + multiplication_steps(product, factors[i]);
    product *= factors[i];
  }
  return steps + ".";
}

Instance generate(Random& random, int difficulty) {
  const int number = between(random, 4, kHighest[static_cast<std::size_t>(difficulty - 1)]);
  std::vector<int> factors;
  Instance instance;
  instance.chain = solve(number, factors);
  instance.answer = listed(factors, "*");
  instance.chain += "So " + text(number) + "=" + instance.answer + ".\n" + check(factors);
  instance.content = text(number);
  instance.question = phrase(
      random,
      {"What is the prime factorization of {0}?", "Write {0} as a product of primes.",
       "Factor {0} into primes.", "Which primes, with repetition, multiply to {0}?",
       "Find the prime factors of {0}.", "Factorize {0}.", "What are the prime factors of {0}?"},
      {text(number)});
  instance.follow_up = phrase(
      random, {"And {0}?", "And for {0}?", "What about {0}?", "Now {0}.", "The same for {0}."},
      {text(number)});
  return instance;
}

/// "2*3*3", "2 \times 3^2", "2, 3, 3": the primes in order; nothing for other texts.
std::optional<std::vector<int>> factors_in(std::string text) {
  for (const std::string_view sign : {"\\times", "\\cdot", "\xc3\x97", "\xc2\xb7", "\xe2\x8b\x85",
                                      "*", "x", ",", "and", "{", "}", " "}) {
    for (std::size_t at = 0; (at = text.find(sign, at)) != std::string::npos;) {
      text.replace(at, sign.size(), sign == "{" || sign == "}" ? "" : " ");
      at += sign == "{" || sign == "}" ? 0 : 1;
    }
  }
  std::vector<int> factors;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    const std::size_t end = std::min(text.find(' ', i), text.size());
    const std::string word = text.substr(i, end - i);
    i = end;
    const std::size_t hat = std::min(word.find('^'), word.size());
    const std::string base = word.substr(0, hat);
    const std::string power = hat == word.size() ? "1" : word.substr(hat + 1);
    const auto is_number = [](const std::string& digits) {
      return !digits.empty() && digits.size() < 6 &&
             digits.find_first_not_of("0123456789") == std::string::npos;
    };
    if (!is_number(base) || !is_number(power) || power.size() > 2) return std::nullopt;
    factors.insert(factors.end(), static_cast<std::size_t>(std::stoi(power)), std::stoi(base));
  }
  std::sort(factors.begin(), factors.end());
  return factors;
}

bool accepts(const std::string& answer, std::string_view response) {
  std::string given = final_words(response);
  given = given.substr(given.find('=') == std::string::npos ? 0 : given.find('=') + 1);
  const auto factors = factors_in(given);
  return factors && factors == factors_in(answer);
}

}  // namespace

Task prime_factors() {
  Task task;
  task.name = "prime-factors";
  task.about = "the prime factorization of a number up to 999";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
