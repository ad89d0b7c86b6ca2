#include "tasks/steps.h"

#include <algorithm>
#include <cassert>

namespace r1::tasks {
namespace {

constexpr int kLargestFactor = 10;  // of products that are facts, and of divisions that are
constexpr int kLargestTable = 31;   // divisors whose multiples are known as facts

std::string text(int number) {
  return std::to_string(number);
}

std::string fact(int a, char sign, int b, int result) {
  return text(a) + sign + text(b) + "=" + text(result);
}

/// What stands after each column of a long sum or product, as nobody turns round many digits at
/// once: " gives 38" of 20938 after two columns.
std::string grown(int result, int place) {
  std::string digits = text(result % place);
  digits.insert(0, text(place).size() - 1 - digits.size(), '0');
  return " gives " + digits;
}

std::string column_sum(int a, int b) {
  std::string steps = text(a) + "+" + text(b) + ": ";
  // By the length of what is added: that of the result isn't known before.
  const bool grows = std::max(a, b) > 999;
  int carry = 0, place = 10;
  for (int left = a, right = b; left > 0 || right > 0; left /= 10, right /= 10, place *= 10) {
    const int x = left % 10, y = right % 10, total = x + y + carry;
    steps += text(x) + "+" + text(y) + (carry > 0 ? "+1" : "") + "=" + text(total);
    if (grows && (left > 9 || right > 9)) steps += grown(a + b, place);
    steps += ", ";
    carry = total / 10;
  }
  return steps + "so " + text(a + b);
}

std::string column_difference(int a, int b) {
  std::string steps = text(a) + "-" + text(b) + ":";
  int borrowed = 0;
  for (int left = a, right = b; left > 0; left /= 10, right /= 10) {
    const int y = right % 10;
    const int lent = left % 10 - borrowed < y ? 10 : 0;
    const int x = left % 10 + lent, rest = x - borrowed - y;
    if (left != a) steps += ",";
    steps += " " + text(x) + (borrowed > 0 ? "-1" : "") + "-" + text(y) + "=" + text(rest);
    borrowed = lent / 10;
  }
  return steps + ", so " + text(a - b);
}

/// a of several digits times one digit, times a power of ten: "7*8=56, 4*8+5=37, so 376".
std::string digit_product(int a, int digit, int power) {
  const int result = a * digit * power;
  const bool grows = a * power > 99;
  std::string steps;
  int carry = 0, place = 10 * power;
  for (int left = a; left > 0; left /= 10, place *= 10) {
    const int x = left % 10, total = x * digit + carry;
    steps += text(x) + "*" + text(digit);
    if (carry > 0) steps += "+" + text(carry);
    steps += "=" + text(total);
    if (grows && left > 9) steps += grown(result, place);
    steps += ", ";
    carry = total / 10;
  }
  return steps + "so " + text(result);
}

/// "385=93*4+13".
std::string parts(int a, int b) {
  return text(a) + "=" + text(b) + "*" + text(a / b) + "+" + text(a % b);
}

/// What is tried first for a / b: sometimes one more, seldom one less than is right.
int first_try(int a, int b) {
  const int times = a / b;
  const int chance = (a * 31 + b * 17) % 16;
  if (chance < 2 && times < 9) return times + 1;
  return chance == 2 && times > 1 ? times - 1 : times;
}

/// A factor tried for a / b, and what it leaves: "93*4: 3*4=12, 9*4+1=37, so 372 against 385: 3 as
/// 3, 7 below 8, fits, 385-372: 5-2=3, 8-7=1, 3-3=0, so 13 against 93: 1 below 9, enough".
std::string trial(int a, int b, int factor) {
  const int product = b * factor, rest = a - product;
  std::string steps =
      b <= kLargestTable ? fact(b, '*', factor, product) : multiplication_steps(b, factor);
  steps += " against " + text(a) + ": " + compared_digits(product, a);
  if (product == a) return steps + ", just that";
  if (product > a) return steps + ", too much";
  return steps + ", fits, " + subtraction_steps(a, product) + " against " + text(b) + ": " +
         compared_digits(rest, b) + (rest < b ? ", enough" : ", too little");
}

/// a / b where that is one digit, with the remainder; at once where b is in the tables.
std::string quotient_digit(int a, int b) {
  const int times = a / b;
  if (b <= kLargestFactor || times == 0) return parts(a, b);
  const int tried = first_try(a, b);
  return (tried != times ? trial(a, b, tried) + ", " : "") + trial(a, b, times) + ", " +
         parts(a, b);
}

}  // namespace

std::string addition_steps(int a, int b) {
  assert(a >= 0 && b >= 0);
  const bool easy = std::min(a, b) < 10 && std::max(a, b) < 100;
  return easy ? fact(a, '+', b, a + b) : column_sum(a, b);
}

std::string subtraction_steps(int a, int b) {
  assert(a >= b && b >= 0);
  const bool easy = a <= 20 || (b < 10 && a < 100);
  return easy ? fact(a, '-', b, a - b) : column_difference(a, b);
}

std::string multiplication_steps(int a, int b) {
  assert(a >= 0 && b >= 0);
  const int least = std::min(a, b);
  if (std::max(a, b) <= kLargestFactor || least <= 1 || least == 10) return fact(a, '*', b, a * b);
  const std::string name = text(a) + "*" + text(b) + ": ";
  if (least < 10) return name + digit_product(std::max(a, b), least, 1);
  int zeros = 1;
  while (b / zeros % 10 == 0) zeros *= 10;
  if (b / zeros < 10) return name + digit_product(a, b / zeros, zeros);
  std::string steps = name;
  int sum = 0, place = 1;
  for (int left = b; left > 0; left /= 10, place *= 10) {
    const int digit = left % 10, part = a * digit * place;
    if (digit == 0) continue;
    steps += digit == 1
                 ? fact(a, '*', place, part)
                 : text(a) + "*" + text(digit * place) + ": " + digit_product(a, digit, place);
    steps += "; ";
    if (sum > 0) steps += addition_steps(sum, part) + "; ";
    sum += part;
  }
  return steps.substr(0, steps.size() - 2);
}

std::string compared_digits(int a, int b) {
  assert(a >= 0 && b >= 0);
  const auto sign = [](auto x, auto y) { return x < y ? " below " : x > y ? " above " : " as "; };
  const std::string first = text(a), second = text(b);
  if (first.size() != second.size()) {
    return text(static_cast<int>(first.size())) + sign(first.size(), second.size()) +
           text(static_cast<int>(second.size())) + " digits";
  }
  std::string steps;
  for (std::size_t i = 0; i < first.size(); ++i) {
    steps += (i > 0 ? ", " : "") + first.substr(i, 1) + sign(first[i], second[i]) + second[i];
    if (first[i] != second[i]) break;
  }
  return steps;
}

std::string comparison_steps(int a, int b) {
  return text(a) + " and " + text(b) + ": " + compared_digits(a, b);
}

std::string division_steps(int a, int b) {
  assert(a >= 0 && b > 0);
  const bool compares = b > kLargestFactor;
  std::string steps = text(a) + "/" + text(b) + ": ";
  if (a < b) {
    return steps + (compares ? comparison_steps(a, b) : text(a) + " is less than " + text(b)) +
           ", so 0 remainder " + text(a);
  }
  const std::string digits = text(a);
  const std::size_t width = text(b).size();
  int rest = 0;
  bool begun = false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    rest = rest * 10 + (digits[i] - '0');
    if (!begun && rest < b) continue;
    // What stands there anew, or could be less than the divisor as a whole.
    if (compares && (begun || digits.size() == width)) steps += comparison_steps(rest, b) + ", ";
    begun = true;
    steps += quotient_digit(rest, b);
    if (i + 1 < digits.size()) steps += " left " + digits.substr(i + 1) + ", ";
    rest %= b;
  }
  return steps + ", so " + text(a / b) + " remainder " + text(a % b);
}

std::string common_divisor_steps(int a, int b, int& divisor) {
  assert(a > 0 && b > 0);
  std::string steps = comparison_steps(a, b) + ", ";
  int high = std::max(a, b), low = std::min(a, b);
  while (low > 1) {
    const int times = high / low, rest = high % low;
    steps += times > 9 ? division_steps(high, low) + ", " + parts(high, low) + ", "
                       : text(high) + "/" + text(low) + ": " + quotient_digit(high, low) + ", ";
    high = low;
    low = rest;
  }
  divisor = low == 0 ? high : 1;
  return steps + "so the greatest common divisor is " + text(divisor);
}

}  // namespace r1::tasks
