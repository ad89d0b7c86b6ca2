#include "tasks/grading/prose.h"

#include "base/characters.h"
#include "tasks/grading/units.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

/// Whether the letters from `begin` to `end` are variables beside each other, as in 2(ab + bc):
/// few, and between signs of a formula.
bool is_product_between_signs(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view kSigns = "+-*/^_=<>()[]{}|";
  if (end - begin > 3) return false;
  const auto is_sign = [&](std::size_t i) {
    return kSigns.find(text[i]) != std::string_view::npos;
  };
  std::size_t before = begin, after = end;
  while (before > 0 && text[before - 1] == ' ') --before;
  while (after < text.size() && text[after] == ' ') ++after;
  const bool begins =
      before == 0 || is_sign(before - 1) || (before == begin && is_digit(text[before - 1]));
  const bool ends = after == text.size() || is_sign(after);
  return begins && ends && !(before == 0 && after == text.size());
}

}  // namespace

std::size_t closing_brace(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::size_t prose_words(std::string_view text) {
  std::size_t words = 0;
  bool in_formula = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\') {
      ++i;
      if (i >= text.size() || !is_letter(text[i])) {
        ++i;
        continue;
      }
      const std::size_t begin = i;
      while (i < text.size() && is_letter(text[i])) ++i;
      const std::string_view name = text.substr(begin, i - begin);
      if (name == "begin" || name == "end") {
        // the environment's name and its columns
        while (i < text.size() && text[i] == '{') {
          const std::size_t close = text.find('}', i);
          i = close == std::string_view::npos ? text.size() : close + 1;
        }
        continue;
      }
      // Words that are set as text are meant as an answer.
      if (is_text_command(name) && i < text.size() && text[i] == '{') {
        const std::size_t close = closing_brace(text, i);
        i = close == std::string_view::npos ? i + 1 : close + 1;
      }
      continue;
    }
    if (text[i] == '$') in_formula = !in_formula;
    if ((!is_letter(text[i]) && !is_foreign(text[i])) || in_formula) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && (is_letter(text[i]) || is_foreign(text[i]))) ++i;
    const std::string word = lower_case(text.substr(begin, i - begin));
    const bool known = is_product_between_signs(text, begin, i) ||
                       is_function(canonical_command(word)) || is_unit(word) ||
                       is_greek_letter(word) || word == "pi" || word == "and" || word == "or" ||
                       word == "mod" || word == "infinity" || word == "inf" || word == "oo";
    if (word.size() > 1 && !known) ++words;
  }
  return words;
}

}  // namespace r1::grading
