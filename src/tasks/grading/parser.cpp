#include "tasks/grading/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tasks/grading/formula_parser.h"
#include "tasks/grading/labels.h"
#include "tasks/grading/number_words.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/tokens.h"
#include "tasks/grading/units.h"

namespace r1::grading {
namespace {

constexpr std::size_t kLongestText = 20000;

/// What words say that have a sign, too, or one wording for all; nothing for others.
Expr meaning_of(std::string_view words) {
  static constexpr std::array<std::string_view, 5> kAll = {
      "all real numbers", "all reals", "any real number", "the set of all real numbers",
      "the real numbers"};
  static constexpr std::array<std::string_view, 5> kNone = {
      "no solution", "no solutions", "no real solution", "no real solutions", "empty set"};
  static constexpr std::array<std::string_view, 3> kInfinite = {"infinitely many", "infinite",
                                                                "infinitely many solutions"};
  static constexpr std::array<std::string_view, 2> kMissing = {"does not exist", "dne"};
  // "There are no real solutions" says so as well.
  const auto end_with_one_of = [&](const auto& phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
      if (!words.ends_with(phrase)) return false;
      const std::string_view before = words.substr(0, words.size() - phrase.size());
      return before.empty() ||
             (before.ends_with(' ') && !change_what_follows(before) && !has_denial(before));
    });
  };
  static constexpr std::array<std::string_view, 3> kIntegers = {"all integers", "the integers",
                                                                "the set of integers"};
  if (end_with_one_of(kAll)) return call("reals", {});
  if (end_with_one_of(kIntegers)) return call("integers", {});
  if (end_with_one_of(kNone)) return make(Kind::set, "");
  if (end_with_one_of(kMissing)) return make(Kind::text, std::string(kMissing[0]));
  return end_with_one_of(kInfinite) ? constant("infinity") : nullptr;
}

/// Lists, relations, sets and words around formulas.
class AnswerParser : public FormulaParser {
 public:
  explicit AnswerParser(std::vector<Token> tokens) : FormulaParser(std::move(tokens)) {}

  Expr answer() {
    Expr whole = semicolon_list();
    while (is_sign(".") || is_sign(",") || is_sign(";") || is_sign("\\")) advance();
    if (token().kind != TokenKind::end) throw Unreadable{};
    return condition_ ? make(Kind::list, ",", {whole, condition_}) : whole;
  }

 protected:
  Expr semicolon_list() override {
    const Nesting nesting(*this);
    std::vector<Expr> items{comma_list()};
    while ((is_sign(";") || is_sign("\\")) && starts_item(1)) {
      advance();
      items.push_back(comma_list());
    }
    return items.size() == 1 ? items[0] : make(Kind::list, ";", std::move(items));
  }

  Expr comma_list() override {
    std::vector<Expr> items{item()};
    std::string separator;
    std::vector<std::size_t> group_ends;  // where "or" without a comma stands
    while (is_separator() && starts_item(separator_length())) {
      if (is_sign(",") && token(1).kind == TokenKind::words && begins_clause(token(1).text)) {
        advance();  // "5, attained when x = 1"
        items.back() = with_words(std::move(items.back()));
        break;
      }
      if (is_command("or")) group_ends.push_back(items.size());
      const std::size_t length = separator_length();
      for (std::size_t i = 0; i < length; ++i) {
        if (token().kind == TokenKind::command) separator = token().text;
        advance();
      }
      items.push_back(item());
    }
    // Of "Therefore, x = 5" what follows.
    if (items.size() > 1 && items[0]->kind == Kind::text && says_only_how(items[0]->text)) {
      items.erase(items.begin());
    }
    if (items.size() == 1) return items[0];
    if (Expr groups = alternatives(items, group_ends)) return groups;
    return make(Kind::list, separator.empty() ? "," : separator, std::move(items));
  }

  Expr relation() override {
    // What is about equal to something that isn't written.
    if (is_command("approx") || is_sign("=")) advance();
    std::vector<Expr> sides{operand()};
    std::string signs;
    while (const char sign = relation_sign()) {
      advance();
      if (sign == sign::equal && is_sign("=")) advance();
      signs += sign;
      sides.push_back(operand());
    }
    return sides.size() == 1 ? sides[0] : make(Kind::relation, signs, std::move(sides));
  }

 private:
  /// "Therefore", "after simplification"
  static bool says_only_how(const std::string& words) {
    return naming_words(words).empty() || words.starts_with("after ") || words.starts_with("by ");
  }

  /// "p = 2, q = 5 or p = 5, q = 2" as two lists of as many relations; nothing for other items.
  static Expr alternatives(const std::vector<Expr>& items, std::vector<std::size_t> group_ends) {
    if (group_ends.empty() || group_ends[0] < 2) return nullptr;
    const std::size_t width = group_ends[0];
    group_ends.push_back(items.size());
    std::vector<Expr> groups;
    for (std::size_t i = 0; i < group_ends.size(); ++i) {
      if (group_ends[i] != (i + 1) * width) return nullptr;
      std::vector<Expr> group(items.begin() + static_cast<std::ptrdiff_t>(i * width),
                              items.begin() + static_cast<std::ptrdiff_t>(group_ends[i]));
      if (!has_different_labels(group)) return nullptr;
      groups.push_back(make(Kind::list, ",", std::move(group)));
    }
    return make(Kind::list, "or", std::move(groups));
  }

  bool is_separator() const { return is_sign(",") || is_command("and") || is_command("or"); }
  /// ", and" is one separator.
  std::size_t separator_length() const {
    return is_sign(",") && (token(1).kind == TokenKind::command &&
                            (token(1).text == "and" || token(1).text == "or"))
               ? 2
               : 1;
  }
  /// Whether an item may begin so many tokens ahead.
  bool starts_item(std::size_t ahead) const {
    const Token& next = token(ahead);
    if (next.kind == TokenKind::end) return false;
    if (next.kind != TokenKind::sign) return next.text != "rbrace";
    if (in_rows_ && next.text == "\\") return false;
    return std::string_view("([{|+-.\\$").find(next.text) != std::string_view::npos;
  }

  char relation_sign() const {
    static constexpr std::pair<std::string_view, char> kSigns[] = {
        {"=", sign::equal},          {"<", sign::less},
        {">", sign::greater},        {"le", sign::less_equal},
        {"ge", sign::greater_equal}, {"ne", sign::not_equal},
        {"in", sign::element},       {"approx", sign::approximate},
        {"equiv", sign::similar},    {"sim", sign::similar},
        {"cong", sign::similar},     {"triangleq", sign::equal}};
    if (token().kind == TokenKind::words &&
        (token().text == "is" || token().text == "equals" || token().text == "is equal to")) {
      return sign::equal;
    }
    if (token().kind != TokenKind::sign && token().kind != TokenKind::command) return 0;
    for (const auto& [text, sign] : kSigns) {
      if (token().text == text) return sign;
    }
    return 0;
  }

  /// A relation with the words around it.
  Expr item() {
    while (is_sign("\\") || is_sign("&")) advance();
    std::string words;
    const auto has_base = [&] { return token(1).kind == TokenKind::sign && token(1).text == "_"; };
    while (token().kind == TokenKind::words && !has_base()) {
      words += (words.empty() ? "" : " ") + token().text;
      advance();
    }
    if (!words.empty()) {
      const bool is_label = is_sign(":") || is_sign("=");
      if (is_label ? has_denial(words) : change_what_follows(words)) throw Unreadable{};
      // A word that calls something is code.
      if (is_sign("(") && !token().spaced) throw Unreadable{};
      if (ends_item()) return text_or_number(words);
      if (is_label) {
        advance();
        Expr value = with_words(relation());
        // Of "Total = 60 + 40 = 100" the last side.
        if (value->kind == Kind::relation &&
            value->text.find_first_not_of(sign::equal) == std::string::npos) {
          value = value->children.back();
        }
        return make(Kind::relation, "=", {make(Kind::text, words), std::move(value)});
      }
    }
    Expr value = with_words(relation());
    // "increasing on (0, 1)" says more than the interval.
    const std::string name = naming_words(words);
    return name.empty() ? value
                        : make(Kind::relation, "=", {make(Kind::text, name), std::move(value)});
  }

  /// "three" and "three apples" are numbers.
  static Expr text_or_number(const std::string& words) {
    if (std::string value = number_of_words(words); !value.empty()) {
      return number(std::move(value));
    }
    if (Expr meaning = meaning_of(words)) return meaning;
    for (const std::string_view only : {"exactly ", "only ", "just "}) {
      if (words.starts_with(only)) return text_or_number(words.substr(only.size()));
    }
    // "There are six ways."
    if (const std::string_view said = complement_of(words); said.size() < words.size()) {
      const Expr value = text_or_number(std::string(said));
      return value->kind == Kind::text ? make(Kind::text, words) : value;
    }
    const std::size_t last = words.rfind(' ');
    if (last != std::string::npos) {
      if (std::string value = number_of_words(words.substr(0, last)); !value.empty()) {
        return make(Kind::quantity, words.substr(last + 1), {number(std::move(value))});
      }
    }
    return make(Kind::text, words);
  }

  bool ends_item() const {
    return token().kind == TokenKind::end || is_separator() || is_sign(";") || is_sign(".") ||
           is_sign("&") || token().text.starts_with("end ") || is_sign(")") || is_sign("]") ||
           is_command("rbrace") || is_sign("}") || is_sign("\\");
  }

  static bool begins_clause(const std::string& words) {
    static constexpr std::array<std::string_view, 17> kStarts = {
        "equals", "attained", "achieved", "reached", "for",     "where", "with",     "such", "if",
        "when",   "is",       "as",       "since",   "because", "on",    "provided", "are"};
    const std::string first = words.substr(0, words.find(' '));
    return std::find(kStarts.begin(), kStarts.end(), first) != kStarts.end();
  }

  Expr with_words(Expr value) {
    if (token().kind != TokenKind::words || !begins_clause(token().text)) return value;
    const std::string words = token().text;
    if (words.starts_with("is ") && value->kind == Kind::symbol) {  // "n is odd"
      advance();
      return make(Kind::relation, "=", {std::move(value), make(Kind::text, words.substr(3))});
    }
    if (change_what_precedes(words)) throw Unreadable{};
    condition_ = integer_in_clause();
    while (token().kind != TokenKind::end) advance();
    return value;
  }

  /// "n in Z" of "for n in Z", "for any integer n", "where n is an integer"; else nothing.
  Expr integer_in_clause() const {
    const auto speaks_of_integer = [&](std::size_t ahead) {
      return token(ahead).kind == TokenKind::words &&
             token(ahead).text.find("integer") != std::string::npos;
    };
    for (std::size_t i = 1; token(i).kind != TokenKind::end; ++i) {
      if (token(i).kind != TokenKind::letter) continue;
      const bool in_integers = token(i + 1).text == "in" &&
                               (token(i + 2).text == "integers" || token(i + 2).text == "Z");
      if (!in_integers && !speaks_of_integer(i - 1) && !speaks_of_integer(i + 1)) continue;
      return make(Kind::relation, std::string(1, sign::element),
                  {symbol(token(i).text), call("integers", {})});
    }
    return nullptr;
  }

  /// Sets and intervals joined.
  Expr operand() override {
    const Nesting nesting(*this);
    Expr value = ratio();
    while (is_command("cup") || is_command("cap") || is_command("setminus")) {
      const std::string operation = token().text;
      advance();
      value = call(operation, {std::move(value), ratio()});
    }
    return value;
  }

  /// The dimensions and size of a unit of length, time, money ... so many tokens ahead.
  std::optional<Measure> measure_ahead(std::size_t ahead) const {
    return token(ahead).kind == TokenKind::words ? measure_of(token(ahead).text) : std::nullopt;
  }

  /// "2 hours and 15 minutes" in hours.
  Expr with_smaller_parts(Expr value) {
    while (value->kind == Kind::quantity) {
      const std::size_t joint = is_command("and") ? 1 : 0;
      const auto whole = measure_of(value->text), part = measure_ahead(joint + 1);
      const bool follows = token(joint).kind == TokenKind::number && whole && part &&
                           whole->dimensions == part->dimensions &&
                           token(joint + 1).text != value->text;
      if (!follows) break;
      if (joint > 0) advance();
      Expr more = measured(sum_of_terms());
      if (more->kind != Kind::quantity) throw Unreadable{};
      more = product({more->children[0], quotient(part->size, whole->size)});
      value = make(Kind::quantity, value->text, {sum({value->children[0], std::move(more)})});
    }
    return value;
  }

  /// \$5 is 5 dollars.
  Expr amount() {
    const bool money = is_sign("$");
    if (money) advance();
    Expr value = with_smaller_parts(measured(sum_of_terms()));
    if (is_sign("$")) advance();
    const bool measured_otherwise = value->kind == Kind::quantity;
    return money && !measured_otherwise ? make(Kind::quantity, "dollar", {std::move(value)})
                                        : value;
  }

  Expr ratio() {
    std::vector<Expr> parts{amount()};
    while ((is_sign(":") && !colon_ends_) || is_ratio_word()) {
      advance();
      if (is_sign("=")) return parts[0];
      parts.push_back(sum_of_terms());
    }
    return parts.size() == 1 ? parts[0] : measured(make(Kind::ratio, "", std::move(parts)));
  }

  /// The "to" of "4 to 1".
  bool is_ratio_word() const {
    return token().kind == TokenKind::words && token().text == "to" &&
           token(1).kind == TokenKind::number;
  }

  /// A value with the unit that follows it; "million" and "dozen" multiply it.
  Expr measured(Expr value) {
    std::string unit;
    if (token().kind == TokenKind::words) {
      const std::string first = token().text.substr(0, token().text.find(' '));
      if (is_multiple(first)) {
        value = product({std::move(value), number(number_of_words(first))});
        unit = token().text.substr(std::min(first.size() + 1, token().text.size()));
        advance();
      }
    }
    while (token().kind == TokenKind::words && !begins_clause(token().text) && !is_ratio_word()) {
      if (unit.empty() && change_what_precedes(token().text)) throw Unreadable{};
      unit += (unit.empty() ? "" : " ") + token().text;
      advance();
      if (is_sign("^") && !unit.empty()) unit += unit_power();
      if (is_sign("/") && token(1).text == "(" && token(2).kind == TokenKind::words) {
        unit += divisor();
      }
      if ((is_sign("/") || is_sign("*")) && token(1).kind == TokenKind::words) {
        unit += is_sign("/") ? " /" : "";
        advance();
      }
    }
    if (is_sign("(") && token(1).kind == TokenKind::command && token(1).text == "mod") {
      unit = modulus();
    }
    return unit.empty() ? value : make(Kind::quantity, unit, {std::move(value)});
  }

  /// "(mod 7)" is compared like a unit: it may be left out, but not be another.
  std::string modulus() {
    advance();
    advance();
    const Expr value = sum_of_terms();
    expect(")");
    return "mod " + to_text(value);
  }

  /// The "/ (kg K)" of a unit.
  std::string divisor() {
    advance();
    advance();
    std::string unit;
    while (token().kind == TokenKind::words) {
      unit += " / " + token().text;
      advance();
      if (is_sign("^")) unit += unit_power();
      if (is_sign("*")) advance();
    }
    expect(")");
    return unit;
  }

  std::string unit_power() {
    advance();
    const bool braced = is_sign("{");
    if (braced) advance();
    std::string power = "^";
    if (is_sign("-")) {
      power += "-";
      advance();
    }
    if (token().kind != TokenKind::number) throw Unreadable{};
    power += token().text;
    advance();
    if (braced) expect("}");
    return power;
  }

  Expr condition_;  // of a clause behind the answer
};

/// What \text{...} holds where it is all there is.
std::string_view text_inside(std::string_view text) {
  constexpr std::string_view kText = "\\text{";
  const bool is_one = text.starts_with(kText) && text.find('}') + 1 == text.size();
  return is_one ? text.substr(kText.size(), text.size() - kText.size() - 1) : text;
}

}  // namespace

std::optional<Expr> parse_answer(std::string_view text) {
  if (text.size() > kLongestText) return std::nullopt;
  const std::string words = normalised_words(text_inside(text));
  if (const std::string value = number_of_words(words); !value.empty()) return number(value);
  if (words == "half") return number("1/2");  // no number before other words
  if (Expr meaning = meaning_of(words)) return meaning;
  try {
    return AnswerParser(tokenize(text)).answer();
  } catch (const Unreadable&) {
    return std::nullopt;
  }
}

}  // namespace r1::grading
