#include "tasks/answers.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/characters.h"
#include "tasks/grading/extraction.h"
#include "tasks/grading/grade.h"

namespace r1::tasks {
namespace {

bool is_wordlike(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

/// "\text{a \{b\}}" becomes "a {b}".
std::string without_latex(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kDropped = {
      "\\text", "\\textbf", "\\mathrm", "\\mathbf", "\\left", "\\right",
      "\\,",    "\\;",      "\\!",      "\\(",      "\\)",    "$"};
  std::string plain;
  std::vector<bool> kept;  // of the open braces
  for (std::size_t i = 0; i < text.size();) {
    std::size_t dropped = 0;
    for (const std::string_view command : kDropped) {
      if (text.substr(i).starts_with(command)) dropped = std::max(dropped, command.size());
    }
    if (dropped > 0) {
      const bool opens = i + dropped < text.size() && text[i + dropped] == '{' &&
                         std::isalpha(static_cast<unsigned char>(text[i + dropped - 1])) != 0;
      i += dropped + (opens ? 1 : 0);
      if (opens) kept.push_back(false);
      continue;
    }
    if (text[i] == '\\' && i + 1 < text.size() &&
        std::ispunct(static_cast<unsigned char>(text[i + 1])) != 0)
      ++i;
    const char c = text[i++];
    if (c == '{') kept.push_back(true);
    if (c == '}' && !kept.empty()) {
      const bool keeps = kept.back();
      kept.pop_back();
      if (!keeps) continue;
    }
    plain += c;
  }
  return plain;
}

}  // namespace

bool same_value(const std::string& answer, std::string_view response) {
  return grade_answer(answer, response).equal;
}

std::string final_answer(std::string_view response) {
  const std::string text = without_latex(grading::extract_answer(response).answer);
  std::string plain;
  for (const char c : text) {
    if (!is_space(c)) {
      plain += c;
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += ' ';
    }
  }
  while (!plain.empty() && (plain.back() == ' ' || plain.back() == '.')) plain.pop_back();
  return plain;
}

std::string final_words(std::string_view response) {
  return lower_case(final_answer(response));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_wordlike(text[end])) ++end;
    if (end > i) words.emplace_back(text.substr(i, end - i));
    i = std::max(end, i + 1);
  }
  return words;
}

std::optional<std::vector<int>> integers_of(std::string_view text,
                                            const std::vector<std::string>& allowed) {
  constexpr std::string_view kSeparators = " ,;:()[]{}|=<>\n\t";
  std::vector<int> numbers;
  for (std::size_t i = 0; i < text.size();) {
    if (is_digit(text[i])) {
      std::size_t end = i;
      while (end < text.size() && is_digit(text[end])) ++end;
      const bool joined = end < text.size() && is_wordlike(text[end]);
      if (joined || end - i > 9) return std::nullopt;
      const int sign = i > 0 && text[i - 1] == '-' ? -1 : 1;
      numbers.push_back(sign * std::stoi(std::string(text.substr(i, end - i))));
      i = end;
    } else if (is_wordlike(text[i])) {
      std::size_t end = i;
      while (end < text.size() && is_wordlike(text[end])) ++end;
      const std::string word(text.substr(i, end - i));
      if (word != "and" && std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
        return std::nullopt;
      }
      i = end;
    } else {
      const bool minus = text[i] == '-' && i + 1 < text.size() && is_digit(text[i + 1]);
      if (!minus && kSeparators.find(text[i]) == std::string_view::npos) return std::nullopt;
      ++i;
    }
  }
  return numbers;
}

}  // namespace r1::tasks
