#include "tasks/formula.h"

#include <array>
#include <cctype>

#include "base/characters.h"
#include "tasks/grading/vocabulary.h"

namespace r1::tasks {
namespace {

using grading::Rational;

constexpr std::size_t kLongest = 1000, kLongestNumber = 12;
constexpr int kDeepest = 60;

struct NotAFormula {};

/// With signs in ASCII: "\times" becomes "*", layout commands and dollars vanish.
std::string in_plain_signs(std::string_view text) {
  struct Change {
    std::string_view from, to;
  };
  static constexpr std::array<Change, 16> kChanges = {{{"\\times", "*"},
                                                       {"\\cdot", "*"},
                                                       {"\\ast", "*"},
                                                       {"\\div", "/"},
                                                       {"\\left", ""},
                                                       {"\\right", ""},
                                                       {"\\dfrac", "\\frac"},
                                                       {"\\tfrac", "\\frac"},
                                                       {"\\,", " "},
                                                       {"\\;", " "},
                                                       {"\\!", ""},
                                                       {"\\ ", " "},
                                                       {"\\(", ""},
                                                       {"\\)", ""},
                                                       {"$", ""},
                                                       {"[", "("}}};
  const std::string signs = grading::without_unicode_signs(text);
  std::string plain;
  for (std::size_t i = 0; i < signs.size();) {
    bool changed = false;
    for (const Change& change : kChanges) {
      if (!std::string_view(signs).substr(i).starts_with(change.from)) continue;
      plain += change.to;
      i += change.from.size();
      changed = true;
      break;
    }
    if (!changed) plain += signs[i] == ']' ? ')' : signs[i];
    if (!changed) ++i;
  }
  return plain;
}

class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  Formula read() {
    Formula formula;
    formula.value = sum();
    if (next() != '\0') throw NotAFormula{};
    formula.numbers = std::move(numbers_);
    return formula;
  }

 private:
  using Value = std::optional<Rational>;

  char next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) throw NotAFormula{};
  }

  Value sum() {
    if (++depth_ > kDeepest) throw NotAFormula{};
    Value value = product();
    for (;;) {
      const bool minus = next() == '-';
      if (!minus && next() != '+') break;
      ++at_;
      const Value term = product();
      if (value && term) {
        value = minus ? *value - *term : *value + *term;
      } else {
        value.reset();
      }
    }
    --depth_;
    return value;
  }

  Value product() {
    Value value = signed_factor();
    for (;;) {
      const char sign = next();
      const bool implied = sign == '(' || (after_bracket_ && is_digit(sign));
      if (!implied && sign != '*' && sign != '/' && sign != 'x') break;
      if (!implied) ++at_;
      const Value factor = implied ? primary() : signed_factor();
      const bool divides = sign == '/';
      if (!value || !factor || (divides && factor->is_zero())) {
        value.reset();
      } else {
        value = divides ? *value / *factor : *value * *factor;
      }
    }
    return value;
  }

  Value signed_factor() {
    bool negative = false;
    for (int signs = 0; next() == '-' || next() == '+'; ++at_) {
      if (++signs > 2) throw NotAFormula{};
      if (text_[at_] == '-') negative = !negative;
    }
    const Value value = primary();
    return value && negative ? Rational(0) - *value : value;
  }

  Value primary() {
    after_bracket_ = false;
    if (is_digit(next())) return number();
    if (take('(')) return closed_by(')');
    if (take('{')) return closed_by('}');
    if (text_.compare(at_, 5, "\\frac") == 0) {
      at_ += 5;
      expect('{');
      const Value above = closed_by('}');
      expect('{');
      const Value below = closed_by('}');
      if (!above || !below || below->is_zero()) return std::nullopt;
      return *above / *below;
    }
    throw NotAFormula{};
  }

  Value closed_by(char bracket) {
    Value value = sum();
    expect(bracket);
    after_bracket_ = true;
    return value;
  }

  Value number() {
    std::string digits;
    while (at_ < text_.size() && is_digit(text_[at_])) digits += text_[at_++];
    // "1.2" and "1,200" are no integers.
    const bool goes_on = at_ + 1 < text_.size() && (text_[at_] == '.' || text_[at_] == ',') &&
                         is_digit(text_[at_ + 1]);
    if (goes_on || digits.size() > kLongestNumber) throw NotAFormula{};
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    numbers_.push_back(digits);
    return Rational(digits);
  }

  std::string text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool after_bracket_ = false;
  std::vector<std::string> numbers_;
};

}  // namespace

std::optional<Formula> read_formula(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  try {
    return Reader(in_plain_signs(text)).read();
  } catch (const NotAFormula&) {
    return std::nullopt;
  }
}

}  // namespace r1::tasks
