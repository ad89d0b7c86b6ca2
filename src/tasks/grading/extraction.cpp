#include "tasks/grading/extraction.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/characters.h"
#include "tasks/grading/boxes.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/prose.h"
#include "tasks/grading/source_code.h"
#include "tasks/grading/times_of_day.h"
#include "tasks/grading/units.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr std::size_t kLongestSentence = 400;
constexpr std::size_t kMostJoined = 50;

/// The content of the last <answer>...</answer>; nothing if the tags don't fit together.
std::optional<std::string_view> tagged_answer(std::string_view text, bool& malformed) {
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  malformed = false;
  const std::size_t close = text.rfind(kClose);
  if (close == std::string_view::npos) return std::nullopt;
  std::size_t opens = 0, closes = 0;
  for (std::size_t at = 0; (at = text.find(kOpen, at)) != std::string_view::npos; ++at) ++opens;
  for (std::size_t at = 0; (at = text.find(kClose, at)) != std::string_view::npos; ++at) ++closes;
  const std::size_t open = text.substr(0, close).rfind(kOpen);
  malformed = opens != closes || open == std::string_view::npos;
  if (malformed) return std::nullopt;
  return text.substr(open + kOpen.size(), close - open - kOpen.size());
}

/// What follows the last "answer is" or the like, up to its sentence's end.
std::optional<std::string_view> after_phrase(std::string_view text) {
  static constexpr std::array<std::string_view, 16> kPhrases = {
      "answer is:",      "answer is", "answer:",   "answer：",      "result is", "answer =",
      "answer would be", "option is", "choice is", "solution is",   "答案是",    "答案是：",
      "答案是:",         "答案为",    "答案：",    "final answer\n"};
  const std::string small = lower_case(text);
  std::size_t best = std::string::npos, end = 0;
  for (const std::string_view phrase : kPhrases) {
    const std::size_t at = small.rfind(phrase);
    if (at == std::string::npos) continue;
    const std::size_t next = at + phrase.size();
    if (phrase.ends_with("is") && next < text.size() && is_letter(text[next])) continue;  // isn't
    if (best == std::string::npos || at + phrase.size() > end) {
      best = at;
      end = at + phrase.size();
    }
  }
  if (best == std::string::npos) return std::nullopt;
  std::string_view rest = text.substr(end);
  while (!rest.empty() && (is_space(rest[0]) || rest[0] == '*' || rest[0] == '}' ||
                           rest[0] == ':' || rest[0] == '"')) {
    rest.remove_prefix(1);
  }
  return rest;
}

/// A sentence's end: a full stop before white space, a line's end, outside of formulas.
std::string_view first_sentence(std::string_view text) {
  bool in_formula = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      if (text[i + 1] == '(' || text[i + 1] == '[') in_formula = true;
      if (text[i + 1] == ')' || text[i + 1] == ']') in_formula = false;
      ++i;
      continue;
    }
    if (c == '$') in_formula = !in_formula;
    if (in_formula) continue;
    const bool ends = i + 1 >= text.size() || is_space(text[i + 1]) || text[i + 1] == '"';
    if (c == '\n' || ((c == '.' || c == '?') && ends)) return text.substr(0, i);
    if (text.substr(i).starts_with("。")) return text.substr(0, i);
  }
  return text;
}

struct Span {
  std::size_t begin, end;
  std::string content;
};

/// Whether words stand in what may be a formula: two letters or more between spaces, no commands.
bool has_words(std::string_view text) {
  if (text.find('\\') != std::string_view::npos) return false;
  std::size_t words = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_letter(text[end])) ++end;
    const bool spaced = i > 0 && text[i - 1] == ' ' && (end == text.size() || text[end] == ' ');
    words += spaced && end - i >= 2 ? 1 : 0;
    i = end == i ? i + 1 : end;
  }
  return words >= 1;
}

/// The text with the signs of amounts of money escaped: a dollar before a number that begins no
/// formula, as none is closed or words stand in it.
std::string with_escaped_money(std::string_view text) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool escaped = at > 0 && text[at - 1] == '\\';
    if (text[at] != '$' || escaped) {
      result += text[at++];
      continue;
    }
    const bool display = text.substr(at).starts_with("$$");
    const std::size_t close = text.find('$', at + (display ? 2 : 1));
    const std::string_view inside =
        text.substr(at + 1, std::min(close, text.size()) - std::min(close, at + 1));
    const bool before_number = !inside.empty() && is_digit(inside[0]);
    const bool is_money = before_number && (close == std::string_view::npos || has_words(inside));
    if (is_money) {
      result += "\\$";
      ++at;
      continue;
    }
    const std::size_t end = close == std::string_view::npos
                                ? text.size()
                                : std::min(close + (display ? 2 : 1), text.size());
    result += text.substr(at, end - at);
    at = end;
  }
  return result;
}

/// The formulas in $...$, $$...$$, \(...\) or \[...\].
std::vector<Span> formulas_in(std::string_view text) {
  std::vector<Span> formulas;
  const auto keep = [&](std::size_t begin, std::size_t end, std::size_t from, std::size_t to) {
    const std::string_view content = trimmed(text.substr(from, to - from));
    if (!content.empty()) formulas.push_back({begin, end, std::string(content)});
  };
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char kind = text[i + 1];
      const std::string_view close = kind == '(' ? "\\)" : kind == '[' ? "\\]" : "";
      const std::size_t end = close.empty() ? std::string_view::npos : text.find(close, i + 2);
      if (end != std::string_view::npos) {
        keep(i, end + 2, i + 2, end);
        i = end + 2;
      } else {
        i += 2;
      }
      continue;
    }
    if (text[i] == '$') {
      const std::size_t width = text.substr(i).starts_with("$$") ? 2 : 1;
      std::size_t end = i + width;
      while (end < text.size() && text[end] != '$') end += text[end] == '\\' ? 2 : 1;
      if (end >= text.size()) break;
      keep(i, std::min(end + width, text.size()), i + width, end);
      i = end + width;
      continue;
    }
    ++i;
  }
  return formulas;
}

/// The last formula, with those before it that "and" or "or" joins to it: "$x = 2$ or $x = 3$".
std::optional<Span> last_formula(std::string_view text) {
  const std::vector<Span> formulas = formulas_in(text);
  if (formulas.empty()) return std::nullopt;
  Span last = formulas.back();
  const std::size_t first = formulas.size() - std::min(formulas.size(), kMostJoined);
  for (std::size_t i = formulas.size() - 1; i-- > first;) {
    const std::string_view between =
        text.substr(formulas[i].end, formulas[i + 1].begin - formulas[i].end);
    const bool has_or = between.find("or") != std::string_view::npos;
    const bool is_last = i + 2 == formulas.size();
    const bool has_word = has_or || between.find("and") != std::string_view::npos;
    if ((is_last && !has_word) || !joins_boxes(between)) break;
    last = {formulas[i].begin, last.end,
            formulas[i].content + (has_or ? " or " : ", ") + last.content};
  }
  return last;
}

/// The \frac{}{} or \sqrt{} that the text from `at` on stands in; nothing if it is in neither.
std::optional<Span> enclosing_command(std::string_view text, std::size_t at) {
  const std::size_t begin = text.substr(0, at).rfind('\\');
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(begin);
  std::size_t groups = 0;
  for (const std::string_view name : {"\\frac{", "\\dfrac{", "\\tfrac{"}) {
    if (rest.starts_with(name)) groups = 2;
  }
  if (rest.starts_with("\\sqrt{")) groups = 1;
  if (groups == 0) return std::nullopt;
  std::size_t end = begin;
  for (; groups > 0; --groups) {
    const std::size_t open = text.find('{', end);
    if (open == std::string_view::npos) return std::nullopt;
    const std::size_t close = closing_brace(text, open);
    if (close == std::string_view::npos) return std::nullopt;
    end = close + 1;
  }
  if (end <= at) return std::nullopt;
  return Span{begin, end, std::string(text.substr(begin, end - begin))};
}

/// Where "5 or 6" begins, of which the 6 begins at `begin`.
std::size_t begin_with_alternative(std::string_view text, std::size_t begin) {
  const std::string_view before = text.substr(0, text.substr(0, begin).find_last_not_of(' ') + 1);
  if (!before.ends_with(" or")) return begin;
  std::size_t other = before.size() - 3;
  while (other > 0 && is_digit(before[other - 1])) --other;
  return other < before.size() - 3 ? other : begin;
}

/// Where a number that ends at `end` ends with its unit, if one follows that ends its clause: the
/// "in" of "12 in total" is none.
std::size_t end_with_unit(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  if (const std::size_t half = half_of_day_length(text.substr(begin))) return begin + half;
  std::size_t after = begin;
  while (after < text.size() && is_letter(text[after])) ++after;
  if (after == begin || !is_unit(text.substr(begin, after - begin))) return end;
  if (after + 1 < text.size() && text[after] == '^' && is_digit(text[after + 1])) after += 2;
  constexpr std::string_view kEnds = ".,;:!?)\n";
  const bool ends = after >= text.size() || kEnds.find(text[after]) != std::string_view::npos;
  return ends ? after : end;
}

/// The last number in prose, with what belongs to it: sign, fraction, percent, unit.
std::optional<Span> last_number(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  while (end > 0) {
    std::size_t begin = end;
    const auto belongs = [&](std::size_t i) {
      if (is_digit(text[i])) return true;
      const bool between =
          i > 0 && is_digit(text[i - 1]) && i + 1 < text.size() && is_digit(text[i + 1]);
      return (text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1])) ||
             ((text[i] == ',' || text[i] == '/' || text[i] == ':') && between);
    };
    while (begin > 0 && belongs(begin - 1)) --begin;
    // A digit within a word or after a caret is no number of its own: "x2", "m^2".
    const char before = begin > 0 ? text[begin - 1] : ' ';
    if (is_letter(before) || before == '_' || before == '^' || before == '\\') {
      end = begin;
      while (end > 0 && !is_digit(text[end - 1])) --end;
      continue;
    }
    if (before == '{') {
      if (auto command = enclosing_command(text, begin)) return command;
    }
    const bool minus = before == '-' && (begin < 2 || is_space(text[begin - 2]) ||
                                         text[begin - 2] == '(' || text[begin - 2] == '*');
    if (minus) --begin;
    std::size_t after = end;
    if (after < text.size() && text[after] == '%') ++after;
    if (text.substr(after).starts_with("\\%")) after += 2;
    after = end_with_unit(text, after);
    begin = begin_with_alternative(text, begin);
    return Span{begin, after, std::string(text.substr(begin, after - begin))};
  }
  return std::nullopt;
}

bool has_formula_marks(std::string_view text) {
  return text.find('$') != std::string_view::npos || text.find("\\(") != std::string_view::npos ||
         text.find("\\[") != std::string_view::npos;
}

/// Without Markdown's marks: "**" at the beginning or end of a word (elsewhere it is a power), and
/// backquotes.
std::string without_marks(std::string_view text) {
  constexpr std::string_view kEnds = ".,;:!?)\"";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "**") {
      if (text[i] != '`') result += text[i];
      continue;
    }
    const std::size_t after = i + 2;
    const bool begins = i == 0 || is_space(text[i - 1]);
    const bool ends = after >= text.size() || is_space(text[after]) ||
                      kEnds.find(text[after]) != std::string_view::npos;
    if (begins == ends) result += "**";
    ++i;
  }
  return result;
}

/// The words right before `begin`, in lower case.
std::string words_before(std::string_view text, std::size_t begin) {
  std::size_t from = begin;
  while (from > 0 && (is_letter(text[from - 1]) || is_foreign(text[from - 1]) ||
                      text[from - 1] == ' ' || text[from - 1] == '\'')) {
    --from;
  }
  return lower_case(without_unicode_signs(text.substr(from, begin - from)));
}

/// Whether what begins at `begin` is what a word calls something with: "alert(8)".
bool is_argument(std::string_view text, std::size_t begin) {
  if (begin == 0 || text[begin - 1] != '(') return false;
  std::size_t word = begin - 1;
  while (word > 0 && is_letter(text[word - 1])) --word;
  return begin - 1 - word > 2 && !is_function(text.substr(word, begin - 1 - word));
}

/// Whether words right behind `end` deny or change what stands before it: "5 is wrong".
bool is_denied_behind(std::string_view text, std::size_t end) {
  std::string words;
  for (; end < text.size() && (is_letter(text[end]) || text[end] == ' ' || text[end] == '\'');
       ++end) {
    words += text[end];
  }
  return change_what_precedes(lower_case(trimmed(words)));
}

/// The letter of the last "option B", unless words around it deny it.
std::optional<std::string> named_choice(std::string_view text) {
  const std::string small = lower_case(text);
  for (const std::string_view word : {"option ", "choice "}) {
    const std::size_t at = small.rfind(word);
    if (at == std::string::npos) continue;
    std::size_t letter = at + word.size();
    while (letter < text.size() && (text[letter] == '(' || text[letter] == '*')) ++letter;
    if (letter >= text.size() || text[letter] < 'A' || text[letter] > 'J') continue;
    std::size_t end = letter + 1;
    if (end < text.size() && is_letter(text[end])) continue;
    while (end < text.size() && (text[end] == ')' || text[end] == '*')) ++end;
    if (is_denied_behind(text, end) || change_what_follows(words_before(text, at))) continue;
    return std::string(1, text[letter]);
  }
  return std::nullopt;
}

/// A text whose value is denied by the words around it.
Extracted denied(std::string_view text) {
  return {std::string(text), "whole text", true, true};
}

/// What prose says by a formula or number in it: nothing of its own, so the whole text, where the
/// words before change it or a program's line holds it.
Extracted taken(std::string_view text, const Span& span, std::string_view how) {
  const std::size_t line = text.substr(0, span.begin).rfind('\n') + 1;
  const bool in_program = is_code(text.substr(line, text.find('\n', line) - line));
  if (in_program || is_argument(text, span.begin) || is_denied_behind(text, span.end) ||
      change_what_follows(words_before(text, span.begin))) {
    return denied(text);
  }
  return {span.content, how};
}

/// The last formula or number in prose, whichever comes last.
std::optional<Extracted> last_value(std::string_view text, std::string_view how_formula,
                                    std::string_view how_number) {
  const auto formula = last_formula(text);
  const auto value = last_number(text);
  if (formula && (!value || value->begin < formula->end)) {
    return taken(text, *formula, how_formula);
  }
  if (value) return taken(text, *value, how_number);
  return std::nullopt;
}

/// Whether a clause has stated a value at its end: "The minimum is 10", "$10$", "C".
bool states_value(std::string_view clause) {
  constexpr std::string_view kEnds = "0123456789$)]}%";
  if (clause.ends_with(',')) clause.remove_suffix(1);
  if (clause.empty()) return false;
  const bool is_short = clause.size() == 1;
  const bool begins =
      is_short || !is_letter(clause.front()) || clause.find(" is ") != std::string_view::npos;
  const bool is_letter_alone = is_short || clause[clause.size() - 2] == ' ';
  return begins && (is_letter_alone || kEnds.find(clause.back()) != std::string_view::npos);
}

/// Without what the last sentence adds to the value it has stated: "The minimum is 10, attained
/// when x = 2", "10 because 2 + 8 = 10".
std::string_view without_trailing_clause(std::string_view text) {
  constexpr std::string_view kBegins = "$\\(-";
  std::size_t begin = 0;
  for (const std::string_view end : {". ", "\n", "? "}) {
    const std::size_t at = trimmed(text).rfind(end);
    if (at != std::string_view::npos) begin = std::max(begin, at + 1);
  }
  std::size_t cut = text.size();
  for (const std::string_view starter :
       {" when ", " where ", " if ", " since ", " because ", " attained ", " achieved ",
        " reached ", " for some ", " for all ", " for any ", " for every "}) {
    const std::size_t at = text.find(starter, begin);
    if (at >= cut || !states_value(trimmed(text.substr(begin, at - begin)))) continue;
    // "5 when doubled is 10" hasn't stated its value yet.
    const std::size_t verb = text.find(" is ", at);
    const char next = verb < text.size() - 4 ? text[verb + 4] : '\0';
    if (!is_digit(next) && kBegins.find(next) == std::string_view::npos) cut = at;
  }
  return text.substr(0, cut);
}

/// The answer in a sentence that states it: whole if it is a formula, else what prose holds.
Extracted in_sentence(std::string_view sentence, std::string_view how) {
  sentence = trimmed(without_trailing_clause(trimmed(sentence)));
  if (sentence.ends_with(',')) sentence.remove_suffix(1);
  const std::size_t words = prose_words(without_unicode_signs(sentence));
  if (words <= 1 || (words <= 2 && !has_formula_marks(sentence))) {
    return {std::string(sentence), how};
  }
  if (auto value = last_value(sentence, how, how)) return *value;
  return {std::string(sentence), how};
}

}  // namespace

bool has_prose(std::string_view text) {
  return prose_words(without_unicode_signs(text)) > 1 && !is_code(text);
}

Extracted extract_from_prose(std::string_view response) {
  const std::string plain = with_escaped_money(without_marks(response));
  const std::string_view text = plain;
  // After "Final Answer:" nothing before counts.
  if (const auto rest = after_phrase(text)) {
    const auto begin = static_cast<std::size_t>(rest->data() - text.data());
    if (has_denial(words_before(text, begin))) return denied(text);
    const std::string_view sentence = first_sentence(*rest);
    if (!trimmed(sentence).empty() && sentence.size() <= kLongestSentence) {
      return in_sentence(sentence, "phrase");
    }
  }
  if (auto choice = named_choice(text)) return {std::move(*choice), "choice"};
  if (auto value = last_value(without_trailing_clause(text), "last formula", "last number")) {
    return *value;
  }
  return {std::string(text), "whole text", true};
}

namespace {

/// Without the "<<3*4=12>>" of a calculator; nothing where there is none.
std::optional<std::string> without_calculations(std::string_view response) {
  std::string result;
  std::size_t at = 0;
  for (std::size_t open = 0; (open = response.find("<<", at)) != std::string_view::npos;) {
    const std::size_t close = response.find(">>", open);
    const std::string_view inside = response.substr(open, std::min(close, response.size()) - open);
    if (close == std::string_view::npos || inside.find('=') == std::string_view::npos) break;
    result += response.substr(at, open - at);
    at = close + 2;
  }
  if (at == 0) return std::nullopt;
  result += response.substr(at);
  return result;
}

/// What stands before a token that ends a turn or begins the next: "<|im_end|>".
std::string_view before_end_of_turn(std::string_view response) {
  for (std::size_t at = 1; (at = response.find("<|", at)) != std::string_view::npos; ++at) {
    std::size_t end = at + 2;
    while (end < response.size() &&
           (is_letter(response[end]) || is_digit(response[end]) || response[end] == '_'))
      ++end;
    if (end > at + 3 && response.substr(end).starts_with("|>")) return response.substr(0, at);
  }
  return response;
}

/// Without Markdown's marks and quotation marks around it.
std::string_view unmarked(std::string_view text) {
  text = trimmed(text);
  while (text.size() > 1 && (text.front() == '*' || text.front() == '`' || text.front() == '"') &&
         text.back() == text.front()) {
    text = trimmed(text.substr(1, text.size() - 2));
  }
  return text;
}

}  // namespace

Extracted extract_answer(std::string_view response) {
  response = before_end_of_turn(response);
  const auto plain = without_calculations(response);
  if (plain) response = *plain;
  constexpr std::string_view kThinkEnd = "</think>";
  const std::size_t thought = response.rfind(kThinkEnd);
  if (thought != std::string_view::npos) {
    response.remove_prefix(thought + kThinkEnd.size());
  } else if (response.find("<think>") != std::string_view::npos) {
    return {"", "unfinished thought"};
  }
  std::string_view text = trimmed(response);
  bool malformed = false;
  std::string_view how = "box";
  if (const auto tagged = tagged_answer(text, malformed)) {
    text = trimmed(*tagged);
    how = "answer tags";
  } else if (malformed) {
    return {"", "answer tags that don't fit together"};
  }
  bool unclosed = false;
  const std::vector<Box> boxes = boxes_in(text, unclosed);
  if (unclosed) return {"", "a box that isn't closed"};
  if (!boxes.empty()) return {box_answer(text, boxes), how};
  if (how == "answer tags") return {std::string(unmarked(text)), how};
  if (const std::size_t mark = text.rfind("####"); mark != std::string_view::npos) {
    return {std::string(trimmed(first_sentence(trimmed(text.substr(mark + 4))))), "####"};
  }
  const bool bare =
      prose_words(without_unicode_signs(with_escaped_money(text))) <= 2 || is_code(text);
  if (bare && (is_statement(text) || !after_phrase(without_marks(text)))) {
    return {std::string(unmarked(without_marks(text))), "whole text", true};
  }
  return extract_from_prose(text);
}

}  // namespace r1::grading
