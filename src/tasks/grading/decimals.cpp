#include "tasks/grading/decimals.h"

#include <cstddef>

#include "base/characters.h"

namespace r1::grading {
namespace {

/// a - b of decimal texts, a being the longer and larger one.
std::string difference(std::string a, const std::string& b) {
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    char& digit = a[a.size() - 1 - i];
    int value = digit - '0' - borrow - (i < b.size() ? b[b.size() - 1 - i] - '0' : 0);
    borrow = value < 0 ? 1 : 0;
    if (value < 0) value += 10;
    digit = static_cast<char>('0' + value);
  }
  return a;
}

}  // namespace

std::string fraction_of_digits(const std::string& whole, const std::string& fraction,
                               const std::string& period, long exponent) {
  std::string above = whole + fraction;
  std::string below = "1";
  if (!period.empty()) {
    // 0.1(6) = (16 - 1) / 90, written as a difference: above - before over nines.
    const std::string all = above + period;
    const std::string before = above.empty() ? "0" : above;
    above = difference(all, before);
    below = std::string(period.size(), '9') + std::string(fraction.size(), '0');
  } else {
    below += std::string(fraction.size(), '0');
  }
  if (exponent > 0) above += std::string(static_cast<std::size_t>(exponent), '0');
  if (exponent < 0) below += std::string(static_cast<std::size_t>(-exponent), '0');
  return below == "1" ? (above.empty() ? "0" : above) : above + "/" + below;
}

bool groups_by_commas(std::string_view text) {
  int depth = 0;
  bool grouped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c != ',' || depth != 0 || i == 0 || !is_digit(text[i - 1])) continue;
    if (i + 1 >= text.size() || !is_digit(text[i + 1])) continue;
    std::size_t before = i, after = i + 1;
    while (before > 0 && is_digit(text[before - 1])) --before;
    while (after < text.size() && is_digit(text[after])) ++after;
    const bool first = before == 0 || text[before - 1] != ',';
    const std::size_t length = i - before;
    if (after - i - 1 != 3) return false;
    if (first ? length > 3 || text[before] == '0' : length != 3) return false;
    if (before > 0 && text[before - 1] == '.') return false;
    grouped = true;
  }
  return grouped;
}

std::string repeated_end(const std::string& fraction) {
  for (std::size_t length = 1; length <= fraction.size() / 2; ++length) {
    const std::size_t times = length == 1 ? 3 : 2;
    if (fraction.size() < times * length) continue;
    std::string last = fraction.substr(fraction.size() - length);
    bool repeats = true;
    for (std::size_t i = 2; i <= times; ++i) {
      repeats = repeats && fraction.substr(fraction.size() - i * length, length) == last;
    }
    if (repeats) return last;
  }
  return "";
}

}  // namespace r1::grading
