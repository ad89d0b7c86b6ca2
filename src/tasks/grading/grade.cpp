#include "tasks/grading/grade.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/characters.h"
#include "tasks/grading/comparison.h"
#include "tasks/grading/equality.h"
#include "tasks/grading/extraction.h"
#include "tasks/grading/names.h"
#include "tasks/grading/parser.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/source_code.h"
#include "tasks/grading/tokens.h"
#include "tasks/grading/vocabulary.h"
#include "tasks/grading/work.h"

namespace r1 {
namespace {

using grading::Expr;

constexpr std::size_t kLongestAnswer = 20000;
constexpr double kWork = 8e6;

/// Whether the space at `at` stands between two numbers, and not between groups of three digits.
bool parts_numbers(std::string_view text, std::size_t at) {
  const auto digit = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
  const bool between = at > 0 && digit(at - 1) && digit(at + 1);
  return between && !(digit(at + 2) && digit(at + 3) && !digit(at + 4));
}

/// Without white space, dollars, layout and text commands; words of several letters in lower case.
std::string plain_text(std::string_view text) {
  const std::string signs = grading::without_unicode_signs(text);
  std::string result;
  bool has_word = false;
  std::size_t text_braces = 0;  // open braces of text commands, which are left out
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const char c = signs[i];
    if (c == '\\') {
      std::size_t end = i + 1;
      while (end < signs.size() && is_letter(signs[end])) ++end;
      const std::string name = signs.substr(i + 1, end - i - 1);
      if (name.empty()) {
        if (end >= signs.size()) return result;
        if (std::string_view(",;:! $").find(signs[end]) == std::string_view::npos) {
          result += signs.substr(i, 2);
        }
        i = end;
        continue;
      }
      i = end - 1;
      if (grading::is_text_command(name)) {
        if (end < signs.size() && signs[end] == '{') {
          ++text_braces;
          i = end;
        }
      } else if (!grading::is_layout_command(name)) {
        result += "\\" + std::string(grading::canonical_command(name)) + " ";
      }
    } else if (c == '}' && text_braces > 0) {
      --text_braces;
    } else if (c == '{' && (result.ends_with('^') || result.ends_with('_')) &&
               i + 2 < signs.size() && signs[i + 1] != '\\' && signs[i + 2] == '}') {
      result += signs[i + 1];  // x_{1} is x_1
      i += 2;
    } else if (c == ' ' && parts_numbers(signs, i)) {
      result += c;
    } else if (std::string_view(" \n\t\r$").find(c) == std::string_view::npos) {
      has_word = has_word || (!result.empty() && is_letter(c) && is_letter(result.back()));
      result += c;
    }
  }
  while (!result.empty() && (result.back() == '.' || result.back() == ',')) result.pop_back();
  // Of units the case tells: MHz, mHz.
  if (has_word && result.find_first_of("\\0123456789") == std::string::npos) {
    result = lower_case(result);
  }
  return result;
}

/// Whether a command begins what a choice says: "(B) \frac12", but not "(A) \cup (B)".
bool begins_content(std::string_view command) {
  constexpr std::array<std::string_view, 6> kCommands = {"frac", "dfrac", "tfrac",
                                                         "sqrt", "pi",    "left"};
  return std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end();
}

/// "A: 17" and "Ans: 17" without their label.
std::string without_label(const std::string& answer) {
  for (const std::string_view label : {"A: ", "Ans: ", "Ans. ", "Result: ", "Solution: "}) {
    if (!answer.starts_with(label) || answer.size() == label.size()) continue;
    const char first = answer[label.size()];
    const bool is_word = is_letter(first) && answer.size() > label.size() + 1;
    if (is_word || answer.find(':', label.size()) != std::string::npos) continue;
    return answer.substr(label.size());
  }
  return answer;
}

/// The letter of "B", "(B)", "B.", "\text{(B)}", "B) 12"; 0 for anything else.
char choice_of(std::string_view text, bool with_content) {
  const std::string plain = grading::without_unicode_signs(text);
  std::string letters;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] == '\\') {
      std::size_t end = i + 1;
      while (end < plain.size() && is_letter(plain[end])) ++end;
      if (letters.find_first_of(").:") != std::string::npos &&
          begins_content(std::string_view(plain).substr(i + 1, end - i - 1))) {
        letters += '\\';
        break;
      }
      const bool is_space = end == i + 1 || plain.substr(i + 1, end - i - 1) == "quad";
      if (is_space && letters.find(')') != std::string::npos) {
        i = end == i + 1 ? end : end - 1;
        letters += ' ';
        continue;
      }
      const bool is_text = grading::is_text_command(plain.substr(i + 1, end - i - 1)) ||
                           plain.substr(i + 1, end - i - 1) == "textbf";
      if (!is_text) return 0;
      i = end - 1;
      continue;
    }
    if (plain[i] == '{' || plain[i] == '}' || plain[i] == '$' || plain[i] == '*' ||
        (letters.empty() && plain[i] == ' ')) {
      continue;
    }
    letters += plain[i];
  }
  const bool bracketed = letters.starts_with("(");
  if (bracketed) letters.erase(0, 1);
  if (letters.size() > 1 && letters[1] == ')' && letters[0] >= 'a' && letters[0] <= 'j') {
    letters[0] = static_cast<char>(letters[0] - 'a' + 'A');
  }
  if (letters.empty() || letters[0] < 'A' || letters[0] > 'J') return 0;
  const char letter = letters[0];
  std::string rest = letters.substr(1);
  if (bracketed && !rest.starts_with(")")) return 0;
  if (rest.empty() || rest == ")" || rest == "." || rest == ":" || rest == ").") return letter;
  if (!with_content) return 0;
  // "B) 12", but not "(A), (B)" or "A and B".
  const bool has_mark = rest[0] == ')' || rest[0] == '.' || rest[0] == ':';
  const bool goes_on = rest[0] != ' ' && static_cast<unsigned char>(rest[0]) < 0x80;
  // "I choose" is no choice I.
  const bool begins_sentence = rest.size() > 1 && rest[0] == ' ' && rest[1] >= 'a' &&
                               rest[1] <= 'z' && !rest.starts_with(" is ");
  if (!has_mark && (goes_on || begins_sentence)) return 0;
  if (has_mark) rest.erase(0, 1);
  rest.erase(0, std::min(rest.find_first_not_of(' '), rest.size()));
  const bool names_more =
      rest.starts_with("and ") || rest.starts_with("or ") || rest.find_first_of(",;/&") == 0;
  const bool denied =
      rest.starts_with("is") && grading::has_denial(grading::normalised_words(rest));
  return names_more || denied ? '\0' : letter;
}

/// 2024-03-01 is no difference.
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

std::optional<Grade> grade_choice(const std::string& gold, const std::string& answer) {
  const char letter = choice_of(gold, false);
  if (letter != 0) {
    const char chosen = choice_of(answer, true);
    if (chosen != 0) {
      return Grade{chosen == letter, answer, chosen == letter ? "same choice" : "other choice"};
    }
  }
  const char chosen = choice_of(answer, false);
  const char right = choice_of(gold, true);
  if (chosen != 0 && right != 0) {
    return Grade{chosen == right, answer, chosen == right ? "same choice" : "other choice"};
  }
  return std::nullopt;
}

/// Signs of one family that say something else, however the rest is read.
struct Mark {
  std::string_view spelling;
  int family;
  unsigned meaning;  // a bit
};
constexpr std::array<Mark, 14> kMarks = {{{"\\$", 0, 1},
                                          {"dollar", 0, 1},
                                          {"€", 0, 2},
                                          {"euro", 0, 2},
                                          {"£", 0, 4},
                                          {"\\pounds", 0, 4},
                                          {"¥", 0, 8},
                                          {"yen", 0, 8},
                                          {"\\land", 1, 1},
                                          {"\\wedge", 1, 1},
                                          {"∧", 1, 1},
                                          {"\\lor", 1, 2},
                                          {"\\vee", 1, 2},
                                          {"∨", 1, 2}}};

/// Whether both texts have signs of a family, and none in common: dollars and euros, "and" and
/// "or".
bool have_different_marks(std::string_view gold, std::string_view answer) {
  for (int family = 0; family < 2; ++family) {
    unsigned of_gold = 0, of_answer = 0;
    for (const Mark& mark : kMarks) {
      if (mark.family != family) continue;
      if (gold.find(mark.spelling) != std::string_view::npos) of_gold |= mark.meaning;
      if (answer.find(mark.spelling) != std::string_view::npos) of_answer |= mark.meaning;
    }
    if (of_gold != 0 && of_answer != 0 && (of_gold & of_answer) == 0) return true;
  }
  return false;
}

/// What a limit or an integral, which aren't read, is said to be; nothing for others.
std::optional<std::string> value_of_unread(std::string_view text) {
  while (text.starts_with('$') || text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("\\displaystyle")) text.remove_prefix(13);
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (!text.starts_with("\\lim") && !text.starts_with("\\int")) return std::nullopt;
  const std::size_t sign = text.rfind('=');
  if (sign == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(sign + 1));
}

/// The tree of an extracted answer. A text that was taken whole and can't be read as a formula may
/// be prose with the answer in it.
std::optional<Expr> read(grading::Extracted& extracted) {
  if (extracted.denied || grading::is_code(extracted.answer)) return std::nullopt;
  if (auto tree = grading::parse_answer(extracted.answer)) return tree;
  if (const auto value = value_of_unread(extracted.answer)) return grading::parse_answer(*value);
  if (!extracted.whole || !grading::has_prose(extracted.answer)) return std::nullopt;
  grading::Extracted from_prose = grading::extract_from_prose(extracted.answer);
  if (from_prose.whole) return std::nullopt;
  auto tree = grading::parse_answer(from_prose.answer);
  if (tree) extracted = std::move(from_prose);
  return tree;
}

}  // namespace

Grade grade_answer(std::string_view gold_text, std::string_view prediction) {
  grading::Extracted gold = grading::extract_answer(gold_text);
  grading::Extracted found = grading::extract_answer(prediction);
  std::string& answer = found.answer;
  if (answer.empty()) return {false, answer, "no answer: " + std::string(found.how)};
  if (gold.answer.empty()) return {false, answer, "no gold answer"};
  if (std::max(gold.answer.size(), answer.size()) > kLongestAnswer) {
    const bool same = gold.answer == answer;
    return {same, answer, same ? "same text" : "too long to be read, and not the same text"};
  }
  if (have_different_marks(gold.answer, answer)) return {false, answer, "other signs"};
  const std::string gold_plain = plain_text(gold.answer), plain = plain_text(answer);
  if (!plain.empty() && plain == gold_plain) return {true, answer, "same text"};
  if (grading::list_same_words(gold.answer, answer)) return {true, answer, "same words"};
  answer = without_label(answer);
  if (const auto choice = grade_choice(gold.answer, answer)) return *choice;
  if (is_date(gold.answer) || is_date(answer)) return {false, answer, "another date"};
  const grading::WorkLimit limit(kWork);
  const auto gold_tree = read(gold), tree = read(found);
  if (!gold_tree) return {false, answer, "the gold answer isn't understood, and texts differ"};
  if (!tree) return {false, answer, "not understood, and texts differ"};
  try {
    if (grading::say_the_same(*gold_tree, *tree)) return {true, answer, "proven equal"};
    const bool refuted = grading::is_scalar(*gold_tree) && grading::is_scalar(*tree) &&
                         grading::compare_values(*gold_tree, *tree) == grading::Verdict::different;
    return {false, answer, refuted ? "proven different" : "not proven equal"};
  } catch (const grading::Undecided&) {
    return {false, answer, "undecided within the bounds of work"};
  }
}

}  // namespace r1
