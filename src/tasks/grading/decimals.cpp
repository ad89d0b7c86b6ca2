#include "tasks/grading/decimals.h"

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

}  // namespace r1::grading
