#include "tasks/grading/times_of_day.h"
#include "base/characters.h"

#include <cctype>
#include <vector>

namespace r1::grading {
namespace {

/// Seconds of "7", "7:30", "7:30:15"; nothing for anything else.
std::optional<long> seconds_of(const Expr& time) {
  const auto& parts = time->kind == Kind::ratio ? time->children : std::vector{time};
  if (parts.size() > 3) return std::nullopt;
  long seconds = 0;
  for (std::size_t i = 0; i < 3; ++i, seconds *= i < 3 ? 60 : 1) {
    if (i >= parts.size()) continue;
    const std::string& digits = parts[i]->text;
    if (parts[i]->kind != Kind::number || digits.size() > 2 || digits[0] == '-') {
      return std::nullopt;
    }
    if (i > 0 && digits.size() != 2) return std::nullopt;
    seconds += std::stol(digits);
  }
  return seconds;
}

}  // namespace

std::size_t half_of_day_length(std::string_view text) {
  const auto small = [&](std::size_t i) { return i < text.size() ? lower_case(text[i]) : '\0'; };
  if (small(0) != 'a' && small(0) != 'p') return 0;
  std::size_t end = 1;
  const bool dotted = small(end) == '.';
  end += dotted ? 1 : 0;
  end += dotted && small(end) == ' ' ? 1 : 0;
  if (small(end) != 'm') return 0;
  ++end;
  if (dotted && small(end) == '.') ++end;
  return std::isalnum(small(end)) != 0 ? 0 : end;
}

bool is_half_of_day(std::string_view unit) {
  return unit == "am" || unit == "pm";
}

std::optional<bool> are_same_times(const Expr& a, const std::string& half_a, const Expr& b,
                                   const std::string& half_b) {
  const auto first = seconds_of(a), second = seconds_of(b);
  if (!first || !second) return std::nullopt;
  if (!half_a.empty() && !half_b.empty()) return half_a == half_b && *first == *second;
  if (*first == *second) return true;
  // A time on the clock of 24 hours has minutes.
  if ((half_a.empty() ? a : b)->kind != Kind::ratio) return false;
  constexpr long kHalfDay = 12L * 3600;
  const long with_half = half_a.empty() ? *second : *first;
  const long without = half_a.empty() ? *first : *second;
  return with_half % kHalfDay + (half_a + half_b == "pm" ? kHalfDay : 0) == without;
}

}  // namespace r1::grading
