#include "tasks/grading/values_in_prose.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/characters.h"
#include "tasks/grading/boxes.h"
#include "tasks/grading/number_words.h"
#include "tasks/grading/prose.h"
#include "tasks/grading/times_of_day.h"
#include "tasks/grading/units.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr std::size_t kMostJoined = 50;
constexpr std::size_t kLongestBrackets = 100;
constexpr std::size_t kLongestChunk = 400;

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

/// Finds the formula without marks that a number in prose belongs to.
class PlainFormula {
 public:
  explicit PlainFormula(std::string_view text) : text_(text) {}

  struct Range {
    std::size_t begin, end;
  };

  /// The formula around a number that stands in one; nothing if words and signs make none, or only
  /// a unit.
  std::optional<Range> around(Range number) const {
    Range chunk = without_punctuation(chunk_around(number));
    if (chunk.end - chunk.begin > kLongestChunk) return std::nullopt;
    while (true) {
      if (const auto inside = in_brackets(chunk)) {
        chunk = *inside;
        break;
      }
      const Range shorter = without_bracket(chunk);
      if (shorter.end - shorter.begin == chunk.end - chunk.begin) break;
      chunk = without_punctuation(shorter);
    }
    const bool holds_number = chunk.begin <= number.begin && number.end <= chunk.end;
    if (!holds_number || !is_formula(view(chunk)) || is_measure(chunk, number)) {
      return std::nullopt;
    }
    return extended_right(extended_left(chunk));
  }

 private:
  std::string_view view(Range range) const {
    return text_.substr(range.begin, range.end - range.begin);
  }
  static bool is_empty(Range range) { return range.begin == range.end; }

  /// What stands between white space; where that is very long, only a part.
  Range chunk_around(Range range) const {
    const std::size_t first = range.begin - std::min(range.begin, 2 * kLongestChunk);
    const std::size_t last = std::min(text_.size(), range.end + 2 * kLongestChunk);
    while (range.begin > first && !is_space(text_[range.begin - 1])) --range.begin;
    while (range.end < last && !is_space(text_[range.end])) ++range.end;
    return range;
  }
  /// What stands before or behind spaces in the same line; empty at its ends.
  Range chunk_before(std::size_t begin) const {
    std::size_t end = begin;
    while (end > 0 && text_[end - 1] == ' ') --end;
    const std::size_t first = end - std::min(end, kLongestChunk);
    std::size_t from = end;
    while (from > first && !is_space(text_[from - 1])) --from;
    return {from, end};
  }
  Range chunk_after(std::size_t end) const {
    std::size_t begin = end;
    while (begin < text_.size() && text_[begin] == ' ') ++begin;
    const std::size_t last = std::min(text_.size(), begin + kLongestChunk);
    std::size_t to = begin;
    while (to < last && !is_space(text_[to])) ++to;
    return {begin, to};
  }

  /// Whether the "!" that ends at `end` is a factorial's: the sentence goes on behind it.
  bool is_factorial(std::size_t end) const {
    if (end < text_.size() && text_[end] == ',') return true;
    const Range next = chunk_after(end);
    return end < text_.size() && text_[end] == ' ' && !is_empty(next) &&
           !(text_[next.begin] >= 'A' && text_[next.begin] <= 'Z');
  }
  Range without_punctuation(Range range) const {
    constexpr std::string_view kBefore = "\"'*", kBehind = ".,;:!?\"'*";
    while (!is_empty(range) && kBefore.find(text_[range.begin]) != std::string_view::npos) {
      ++range.begin;
    }
    while (!is_empty(range) && kBehind.find(text_[range.end - 1]) != std::string_view::npos) {
      if (text_[range.end - 1] == '!' && is_factorial(range.end)) break;
      --range.end;
    }
    return range;
  }

  /// Without a bracket at either end that has no partner in the range.
  Range without_bracket(Range range) const {
    int depth = 0;
    bool closes_more = false;
    for (const char c : view(range)) {
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && --depth < 0) closes_more = true;
    }
    const auto is_one_of = [&](std::size_t at, std::string_view some) {
      return some.find(text_[at]) != std::string_view::npos;
    };
    if (is_empty(range)) return range;
    if (closes_more && is_one_of(range.end - 1, ")]")) return {range.begin, range.end - 1};
    if (depth > 0 && is_one_of(range.begin, "([")) return {range.begin + 1, range.end};
    return range;
  }

  /// The "(2, 5)" of which only a part stands in the range; nothing where words stand in it.
  std::optional<Range> in_brackets(Range range) const {
    if (is_empty(range)) return std::nullopt;
    const char first = text_[range.begin], last = text_[range.end - 1];
    Range whole = range;
    if (last == ')' || last == ']') {
      int depth = 0;
      std::size_t open = range.end;
      do {
        if (open == 0 || range.end - open > kLongestBrackets || text_[open - 1] == '\n') {
          return std::nullopt;
        }
        --open;
        if (text_[open] == ')' || text_[open] == ']') ++depth;
        if (text_[open] == '(' || text_[open] == '[') --depth;
      } while (depth > 0);
      whole.begin = std::min(chunk_around({open, open}).begin, range.begin);
    } else if (first == '(' || first == '[') {
      const std::size_t close = text_.find_first_of(")]\n", range.end);
      if (close == std::string_view::npos || text_[close] == '\n') return std::nullopt;
      if (close - range.begin > kLongestBrackets) return std::nullopt;
      whole.end = close + 1;
    } else {
      return std::nullopt;
    }
    if (!is_formula(view(whole))) return std::nullopt;
    return whole;
  }

  static bool is_known_name(std::string_view run) {
    return is_function(canonical_command(run)) || is_greek_letter(run) || run == "pi" ||
           run == "mod" || run == "infinity" || run == "inf";
  }

  /// Whether nothing but numbers, signs, single letters and names of functions stands there.
  static bool is_formula(std::string_view text) {
    const std::string plain = without_unicode_signs(text);
    constexpr std::string_view kSigns = "+-*/^=<>()[]{}|.,:;!%_ ";
    std::size_t i = 0;
    while (i < plain.size()) {
      const char c = plain[i];
      std::size_t end = i + 1;
      if (c == '\\' || is_letter(c)) {
        while (end < plain.size() && is_letter(plain[end])) ++end;
        const std::string_view run = std::string_view(plain).substr(i, end - i);
        const bool is_command = c == '\\' && run.size() > 1 && !is_text_command(run.substr(1));
        const bool is_factor = run.size() == 2 && i > 0 && is_digit(plain[i - 1]) && run != "am" &&
                               run != "pm" && is_product_of_letters(run);
        const bool is_name = c != '\\' && (run.size() == 1 || is_factor || is_known_name(run));
        if (!is_command && !is_name) return false;
      } else if (!is_digit(c) && kSigns.find(c) == std::string_view::npos) {
        return false;
      }
      i = end;
    }
    return !plain.empty();
  }

  /// "12m", "12m²" and "m^2"
  bool is_measure(Range chunk, Range number) const {
    const std::string behind =
        without_unicode_signs(text_.substr(number.end, chunk.end - number.end));
    const bool has_unit = is_unit(behind) || measure_of(behind);
    return (chunk.begin == number.begin && has_unit) || measure_of(view(chunk));
  }

  static bool is_operator(std::string_view chunk) {
    constexpr std::array<std::string_view, 21> kOperators = {
        "+",  "-",  "*",    "/",    "^",    "**",       "=",    "==",    "<",   ">",   "<=",
        ">=", "!=", "\\le", "\\ge", "\\ne", "\\approx", "\\pm", "\\cup", "mod", "\\in"};
    const std::string plain = without_unicode_signs(chunk);
    return std::find(kOperators.begin(), kOperators.end(), trimmed(plain)) != kOperators.end();
  }
  static bool has_variable(std::string_view formula) {
    for (std::size_t i = 0; i < formula.size(); ++i) {
      const bool alone = is_letter(formula[i]) && (i == 0 || !is_letter(formula[i - 1])) &&
                         (i + 1 == formula.size() || !is_letter(formula[i + 1]));
      if (alone) return true;
    }
    return false;
  }
  /// Whether the "x" at a range stands for a product: "5 x 10^3".
  bool is_times(Range range) const {
    const Range before = chunk_before(range.begin), behind = chunk_after(range.end);
    return (view(range) == "x" || view(range) == "X") && !is_empty(before) && !is_empty(behind) &&
           is_digit(text_[before.end - 1]) && is_digit(text_[behind.begin]);
  }

  /// With the operands, functions and whole numbers that belong to it before it. An equation's left
  /// side says what the value is of if it has a variable, and is else only the work.
  Range extended_left(Range range) const {
    std::optional<Range> right_side;
    for (std::size_t i = 0; i < kMostJoined; ++i) {
      const Range before = chunk_before(range.begin);
      if (is_empty(before)) break;
      const std::string_view chunk = view(before);
      const bool equals = chunk == "=";
      if (equals || is_operator(chunk) || is_times(before)) {
        const Range operand = chunk_before(before.begin);
        const bool is_operand =
            !is_empty(operand) && is_formula(view(operand)) &&
            std::string_view(".,;:").find(text_[operand.end - 1]) == std::string_view::npos;
        if (!is_operand || (equals && right_side)) break;
        if (equals) right_side = range;
        range.begin = operand.begin;
      } else if (is_coefficient(chunk, range) || is_function(canonical_command(chunk))) {
        range.begin = before.begin;
      } else if (const auto part = part_before(before)) {
        range.begin = part->begin;
      } else {
        break;
      }
    }
    const bool is_work = right_side && !has_variable(view({range.begin, right_side->begin}));
    return is_work ? *right_side : range;
  }

  /// Whether a chunk is the whole number of "2 1/2" or "2 sqrt(3)".
  bool is_coefficient(std::string_view chunk, Range range) const {
    const bool is_fraction =
        is_digit(text_[range.begin]) && view(range).find('/') != std::string_view::npos;
    return std::all_of(chunk.begin(), chunk.end(), is_digit) &&
           (is_fraction || view(range).starts_with("sqrt"));
  }

  static bool is_change(std::string_view verb) {
    constexpr std::array<std::string_view, 16> kVerbs = {
        "goes",  "went",    "rises", "rose",    "falls",   "fell",      "grows",     "grew",
        "drops", "dropped", "moves", "changes", "changed", "increases", "increased", "decreases"};
    return std::find(kVerbs.begin(), kVerbs.end(), verb) != kVerbs.end();
  }

  /// The 3 of "3 to 4" and "3 out of 4", but not of "it rises from 3 to 4".
  std::optional<Range> part_before(Range word) const {
    const bool is_share = view(word) == "of" && view(chunk_before(word.begin)) == "out";
    if (!is_share && view(word) != "to") return std::nullopt;
    if (is_share) word = chunk_before(word.begin);
    const Range part = chunk_before(word.begin);
    const std::string_view digits = view(part);
    const bool is_whole = !is_empty(part) && std::all_of(digits.begin(), digits.end(), is_digit);
    if (!is_whole) return std::nullopt;
    const Range from = chunk_before(part.begin);
    if (view(from) == "from" && is_change(view(chunk_before(from.begin)))) return std::nullopt;
    return part;
  }

  /// With an operand without numbers behind it: "5 - x", "3 π".
  Range extended_right(Range range) const {
    const auto is_operand = [&](Range chunk) {
      return !is_empty(chunk) && is_formula(view(chunk)) && view(chunk) != "a" &&
             view(chunk) != "A" && view(chunk) != "I";
    };
    const Range next = chunk_after(range.end);
    if (is_empty(next) || next.begin == range.end) return range;
    if (is_operator(view(next))) {
      const Range operand = without_punctuation(chunk_after(next.end));
      return is_operand(operand) ? Range{range.begin, operand.end} : range;
    }
    const Range name = without_punctuation(next);
    const bool is_constant = view(name) == "π" || view(name) == "pi";
    return is_constant ? Range{range.begin, name.end} : range;
  }

  std::string_view text_;
};

/// Where a number that ends at `end` ends with what multiplies it, "million", and with its unit:
/// a short one only where its clause ends, as the "in" of "12 in total" is none.
std::size_t end_with_unit(std::string_view text, std::size_t end) {
  if (end < text.size() && text[end] == '%') return end + 1;
  if (text.substr(end).starts_with("\\%")) return end + 2;
  constexpr std::size_t kShort = 2;
  std::size_t begin = end;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  if (const std::size_t half = half_of_day_length(text.substr(begin))) return begin + half;
  std::size_t after = begin;
  while (after < text.size() && is_letter(text[after])) ++after;
  const std::string_view word = text.substr(begin, after - begin);
  if (is_multiple(word)) return end_with_unit(text, after);
  if (!is_unit(word)) return end;
  if (after + 1 < text.size() && text[after] == '^' && is_digit(text[after + 1])) after += 2;
  constexpr std::string_view kEnds = ".,;:!?)\n";
  const bool ends = after >= text.size() || kEnds.find(text[after]) != std::string_view::npos;
  return ends || (word.size() > kShort && measure_of(word)) ? after : end;
}

/// Where a number begins that ends at `end`.
std::size_t begin_of_number(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  const auto belongs = [&](std::size_t i) {
    if (is_digit(text[i])) return true;
    const bool before_digit = i + 1 < text.size() && is_digit(text[i + 1]);
    const bool between = i > 0 && is_digit(text[i - 1]) && before_digit;
    return (text[i] == '.' && before_digit) ||
           ((text[i] == ',' || text[i] == '/' || text[i] == ':') && between);
  };
  while (begin > 0 && belongs(begin - 1)) --begin;
  return begin;
}

/// With the sign and the dollar before a number.
std::size_t begin_with_sign(std::string_view text, std::size_t begin) {
  if (text.substr(0, begin).ends_with("\\$")) begin -= 2;
  const char before = begin > 0 ? text[begin - 1] : ' ';
  const bool minus = before == '-' && (begin < 2 || is_space(text[begin - 2]) ||
                                       text[begin - 2] == '(' || text[begin - 2] == '*');
  return minus ? begin - 1 : begin;
}

/// The last number outside of words with the formula and the unit that it belongs to.
std::optional<Span> last_single_value(std::string_view text) {
  const PlainFormula formulas(text);
  const auto span = [&](std::size_t begin, std::size_t end) {
    return Span{begin, end, std::string(text.substr(begin, end - begin))};
  };
  for (std::size_t end = text.size(); end > 0;) {
    if (!is_digit(text[end - 1])) {
      --end;
      continue;
    }
    const std::size_t begin = begin_of_number(text, end);
    const char before = begin > 0 ? text[begin - 1] : ' ';
    // A digit within a word is no number of its own: "x2", "x_2".
    if (!is_letter(before) && before != '_' && before != '\\') {
      if (const auto formula = formulas.around({begin, end})) {
        return span(formula->begin, end_with_unit(text, formula->end));
      }
      if (before == '{') {
        if (auto command = enclosing_command(text, begin)) return command;
      }
      if (before != '^') return span(begin_with_sign(text, begin), end_with_unit(text, end));
    }
    end = begin;
  }
  return std::nullopt;
}

/// What stands before `end`, without spaces at its own end.
std::string_view text_before(std::string_view text, std::size_t end) {
  text = text.substr(0, end);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Whether an item may be one of several: a value, or a letter's, but no work: "4 + 3 = 7".
bool can_be_listed(std::string_view item) {
  const std::size_t sign = item.find('=');
  return sign == std::string_view::npos ||
         (is_letter(item[0]) && trimmed(item.substr(0, sign)).size() == 1);
}

/// Whether the word before what begins at `begin` makes a case of it: "when x = 2".
bool begins_case(std::string_view text, std::size_t begin) {
  constexpr std::array<std::string_view, 9> kWords = {"when", "if",    "for",   "at", "take",
                                                      "with", "where", "since", "let"};
  const std::string_view before = text_before(text, begin);
  const std::string word = lower_case(before.substr(before.rfind(' ') + 1));
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

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

std::optional<Span> last_plain_value(std::string_view text) {
  std::optional<Span> last = last_single_value(text);
  if (!last) return std::nullopt;
  const std::string_view behind = trimmed(text.substr(last->end));
  // "1, 2, 3." is a list too, but not "for n = 1, 2 are left".
  bool joins_commas = behind.empty() || behind[0] == '.';
  for (std::size_t i = 0; i < kMostJoined && can_be_listed(last->content); ++i) {
    std::string_view before = text_before(text, last->begin);
    const bool has_word = before.ends_with(" and") || before.ends_with(" or");
    if (has_word) before = text_before(before, before.rfind(' '));
    const bool has_comma = before.ends_with(',');
    if (!has_word && (!has_comma || !joins_commas)) break;
    if (has_comma) before.remove_suffix(1);
    const auto item = last_single_value(before);
    if (!item || item->end != before.size() || !can_be_listed(item->content)) break;
    const bool is_named = last->content.find('=') != std::string::npos;
    const bool item_is_named = item->content.find('=') != std::string::npos;
    if (!has_word &&
        (is_named != item_is_named || (is_named && begins_case(before, item->begin)))) {
      break;
    }
    joins_commas = joins_commas || has_word;
    last->begin = item->begin;
    last->content = text.substr(last->begin, last->end - last->begin);
  }
  return last;
}

}  // namespace r1::grading
