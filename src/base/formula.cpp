#include "base/formula.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace r1 {
namespace {

constexpr int kDeepest = 50;

/// Reads from left to right; `failed` once something is no formula.
class FormulaReader {
 public:
  FormulaReader(std::string_view text, const std::function<double(const std::string&)>& value_of)
      : text_(text), value_of_(value_of) {}

  std::optional<double> read() {
    const double value = sum();
    skip_spaces();
    if (failed_ || !text_.empty() || !std::isfinite(value)) return std::nullopt;
    return value;
  }

 private:
  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size()));
  }

  bool take(char sign) {
    skip_spaces();
    if (failed_ || text_.empty() || text_.front() != sign) return false;
    text_.remove_prefix(1);
    return true;
  }

  double fail() {
    failed_ = true;
    return 0;
  }

  double sum() {
    double value = product();
    for (;;) {
      if (take('+')) {
        value += product();
      } else if (take('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  double product() {
    double value = power();
    for (;;) {
      if (take('*')) {
        value *= power();
      } else if (take('/')) {
        value /= power();
      } else {
        return value;
      }
    }
  }

  /// -2^2 is -4, and 2^3^2 is 2^9, as in mathematics.
  double power() {
    if (depth_ >= kDeepest) return fail();
    ++depth_;
    double value = 0;
    if (take('-')) {
      value = -power();
    } else {
      value = atom();
      if (take('^')) value = std::pow(value, power());
    }
    --depth_;
    return value;
  }

  double atom() {
    if (take('(')) {
      const double value = sum();
      return take(')') ? value : fail();
    }
    skip_spaces();
    double number = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    if (error == std::errc() && !std::isalpha(static_cast<unsigned char>(text_.front()))) {
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      return number;
    }
    std::size_t length = 0;
    const auto in_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    while (length < text_.size() && in_name(text_[length])) ++length;
    if (failed_ || length == 0 || std::isdigit(static_cast<unsigned char>(text_.front())) != 0) {
      return fail();
    }
    const std::string name(text_.substr(0, length));
    text_.remove_prefix(length);
    return value_of_(name);
  }

  std::string_view text_;
  const std::function<double(const std::string&)>& value_of_;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<double> evaluate_formula(std::string_view text,
                                       const std::function<double(const std::string&)>& value_of) {
  return FormulaReader(text, value_of).read();
}

}  // namespace r1
