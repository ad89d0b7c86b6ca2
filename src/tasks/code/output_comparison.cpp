#include "tasks/code/output_comparison.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace r1 {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr double kTolerance = 1e-6;

/// Takes the next word off the text; empty at its end.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpace));
  text.remove_prefix(word.size());
  return word;
}

std::optional<double> number_in(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool same_word(std::string_view expected, std::string_view printed) {
  if (expected == printed) return true;
  if (expected.find_first_of(".eE") == std::string_view::npos) return false;
  const auto value = number_in(expected), given = number_in(printed);
  return value && given &&
         std::abs(*value - *given) <= kTolerance * std::max(1.0, std::abs(*value));
}

}  // namespace

bool same_output(std::string_view expected, std::string_view printed) {
  for (;;) {
    const std::string_view word = next_word(expected), other = next_word(printed);
    if (word.empty() || other.empty()) return word.empty() && other.empty();
    if (!same_word(word, other)) return false;
  }
}

}  // namespace r1
