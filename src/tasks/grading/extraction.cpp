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
#include "tasks/grading/values_in_prose.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr std::size_t kLongestSentence = 400;

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

struct Phrase {
  std::size_t begin;      // of "answer is"
  std::string_view rest;  // what follows it
};

/// The last "answer is" or the like.
std::optional<Phrase> stating_phrase(std::string_view text) {
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
  return Phrase{best, rest};
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
  const std::string before = words_before(text, span.begin);
  const std::string_view behind = text.substr(span.end);
  const bool supposed = behind.starts_with(',') && suppose(before);
  const bool asked = trimmed(behind).starts_with('?');
  if (in_program || is_argument(text, span.begin) || is_denied_behind(text, span.end) ||
      change_what_follows(before) || take_back(behind) || supposed || asked) {
    return denied(text);
  }
  return {span.content, how};
}

/// Whether the text goes on to say of what stands before what it is: "must be odd".
bool begins_statement(std::string_view text) {
  text = trimmed(text);
  return text.starts_with("is ") || text.starts_with("must be ") || text.starts_with("has to be ");
}

/// The last formula or number in prose, whichever comes last; the whole text where words say what a
/// variable is.
std::optional<Extracted> last_value(std::string_view text, std::string_view how_formula,
                                    std::string_view how_number) {
  const auto formula = last_formula(text);
  const auto value = last_plain_value(text);
  if (formula && (!value || value->end <= formula->end)) {
    const bool is_variable = formula->content.size() == 1 && is_letter(formula->content[0]);
    if (is_variable && begins_statement(text.substr(formula->end))) {
      return Extracted{std::string(text), "whole text", true};
    }
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

std::size_t begin_of_last_sentence(std::string_view text) {
  std::size_t begin = 0;
  for (const std::string_view end : {". ", "\n", "? "}) {
    const std::size_t at = trimmed(text).rfind(end);
    if (at != std::string_view::npos) begin = std::max(begin, at + 1);
  }
  return begin;
}

/// Without what the last sentence adds to the value it has stated: "The minimum is 10, attained
/// when x = 2", "10 because 2 + 8 = 10".
std::string_view without_trailing_clause(std::string_view text) {
  constexpr std::string_view kBegins = "$\\(-";
  const std::size_t begin = begin_of_last_sentence(text);
  std::size_t cut = text.size();
  for (const std::string_view starter : {" when ",
                                         " where ",
                                         " if ",
                                         " since ",
                                         " because ",
                                         " attained ",
                                         " achieved ",
                                         " reached ",
                                         " for some ",
                                         " for all ",
                                         " for any ",
                                         " for every ",
                                         ", not ",
                                         " and not ",
                                         ", but not ",
                                         ", as ",
                                         ", which occurs ",
                                         ", which is attained ",
                                         ", which is achieved ",
                                         ", which is reached ",
                                         " occurring ",
                                         " rather than ",
                                         " instead of "}) {
    const std::size_t at = text.find(starter, begin);
    if (at >= cut || !states_value(trimmed(text.substr(begin, at - begin)))) continue;
    // "5 when doubled is 10" hasn't stated its value yet.
    const std::size_t verb = text.find(" is ", at);
    const char next = verb < text.size() - 4 ? text[verb + 4] : '\0';
    if (!is_digit(next) && kBegins.find(next) == std::string_view::npos) cut = at;
  }
  return text.substr(0, cut);
}

/// Whether the last sentence gives a value for each of several cases: "5 if n is even and 3 if n is
/// odd", "5 if n is even, otherwise 3".
bool tells_cases(std::string_view text) {
  text.remove_prefix(begin_of_last_sentence(text));
  std::size_t conditions = 0;
  for (const std::string_view starter : {" if ", " when ", " otherwise", " for even", " for odd"}) {
    for (std::size_t at = 0; (at = text.find(starter, at)) != std::string_view::npos; ++at) {
      ++conditions;
    }
  }
  return conditions > 1;
}

/// The answer in a sentence that states it: whole if it is a formula, else what prose holds.
Extracted in_sentence(std::string_view sentence, std::string_view how) {
  if (tells_cases(sentence)) return denied(sentence);
  sentence = trimmed(without_trailing_clause(trimmed(sentence)));
  if (sentence.ends_with(',')) sentence.remove_suffix(1);
  constexpr std::string_view kNot = "not ", kBut = " but ";  // "not 41 but 42"
  if (const std::size_t but = sentence.find(kBut);
      sentence.starts_with(kNot) && but != std::string_view::npos) {
    sentence.remove_prefix(but + kBut.size());
  }
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
  if (const auto phrase = stating_phrase(text)) {
    const std::string before = words_before(text, phrase->begin);
    if (has_denial(before) || change_what_follows(before)) return denied(text);
    const std::string_view sentence = first_sentence(phrase->rest);
    const std::string_view behind = phrase->rest.substr(sentence.size());
    if (behind.starts_with('?') || take_back(behind)) {
      return last_value(behind, "last formula", "last number").value_or(denied(text));
    }
    if (!trimmed(sentence).empty() && sentence.size() <= kLongestSentence) {
      return in_sentence(sentence, "phrase");
    }
  }
  if (auto choice = named_choice(text)) return {std::move(*choice), "choice"};
  if (tells_cases(text)) return denied(text);
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

/// What stands before the condition of a formula: "2 n pi" of "2 n pi, where n is an integer".
std::string_view before_condition(std::string_view text) {
  for (const std::string_view starter :
       {" where ", " for some ", " for any ", " for all ", " for every ", " with "}) {
    const std::string_view before = text.substr(0, text.find(starter));
    if (before.size() < text.size() && prose_words(before) == 0) return before;
  }
  return text;
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
      prose_words(before_condition(without_unicode_signs(with_escaped_money(text)))) <= 2 ||
      is_code(text);
  if (bare && (is_statement(text) || !stating_phrase(without_marks(text)))) {
    return {std::string(unmarked(without_marks(text))), "whole text", true};
  }
  return extract_from_prose(text);
}

}  // namespace r1::grading
