// The part of FormulaParser that reads what stands below and before: subscripts of names, bases of
// numbers, numbers of choices as {}_5C_2.
#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "tasks/grading/formula_parser.h"
#include "tasks/grading/notation.h"
#include "tasks/grading/number_words.h"

namespace r1::grading {
namespace {

constexpr std::size_t kMostDigits = 6;

/// A digit's value; letters go on from 10.
int digit_value(char c) {
  if (c >= 'a') return c - 'a' + 10;
  return c >= 'A' ? c - 'A' + 10 : c - '0';
}

bool is_choice_letter(std::string_view letter) {
  return letter == "C" || letter == "P" || letter == "A";
}

/// Whether 5 and 2 are more likely a choice of 2 from 5 than the indices of a name.
bool can_be_chosen(std::string_view letter, const std::string& n, const std::string& k) {
  if (n.empty() || k.empty() || n.size() > kMostDigits || k.size() > kMostDigits) return false;
  const long from = std::stol(n), many = std::stol(k);
  return from >= 3 && (letter == "C" ? many < from : many <= from);
}

}  // namespace

std::string FormulaParser::subscript() {
  advance();
  std::string text = "_";
  if (!is_sign("{")) {
    text += token().text;
    advance();
    return text;
  }
  int depth = 0;
  do {
    if (token().kind == TokenKind::end) throw Unreadable{};
    if (is_sign("{")) ++depth;
    if (is_sign("}")) --depth;
    if (!is_sign("{") && !is_sign("}")) text += token().text;
    advance();
  } while (depth > 0);
  return text;
}

/// How many of the next tokens are digits above 9 and digits among them, with a base after them in
/// which they are digits, as in 2A_{16}. Small letters are digits to base 16 only.
std::size_t FormulaParser::letters_of_number() const {
  std::size_t count = 0;
  int largest = 0;
  bool small = false;
  while (count < 20 && !token(count).spaced &&
         ((token(count).kind == TokenKind::letter && token(count).text.size() == 1 &&
           std::string_view("abcdefABCDEF").find(token(count).text) != std::string_view::npos) ||
          (count > 0 && token(count).kind == TokenKind::number && !token(count).digits.empty()))) {
    const char first = token(count).text[0];
    if (token(count).kind == TokenKind::letter) largest = std::max(largest, digit_value(first));
    small = small || first >= 'a';
    ++count;
  }
  if (token(count).kind != TokenKind::sign || token(count).text != "_") return 0;
  const bool braced = token(count + 1).text == "{";
  const std::string& base = token(count + (braced ? 2 : 1)).digits;
  if (base.empty() || base.size() > 2) return 0;
  const int value = std::stoi(base);
  return value > largest && (!small || value == 16) ? count : 0;
}

/// FF_{16}: several capital letters to base 16, as letters or set as text; nothing for others.
Expr FormulaParser::number_of_letters() {
  std::string digits;
  std::size_t count = 0;
  for (; token(count).kind == TokenKind::letter && (count == 0 || !token(count).spaced); ++count) {
    digits += token(count).text;
  }
  if (token().kind == TokenKind::words) {
    digits = token().text;
    for (char& c : digits) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    count = 1;
  }
  const bool braced = token(count + 1).kind == TokenKind::sign && token(count + 1).text == "{";
  if (digits.size() < 2 || digits.find_first_not_of("ABCDEF") != std::string::npos ||
      token(count).kind != TokenKind::sign || token(count).text != "_" ||
      token(count + (braced ? 2 : 1)).digits != "16") {
    return nullptr;
  }
  for (; count > 0; --count) advance();
  Token number;
  number.kind = TokenKind::number;
  number.digits = std::move(digits);
  return based_number(number);
}

/// 1011_2, 2A_{16}
Expr FormulaParser::based_number(const Token& digits) {
  advance();
  const bool braced = is_sign("{");
  if (braced) advance();
  const bool in_words = token().kind == TokenKind::words;
  const std::string base = in_words ? number_of_words(token().text) : token().digits;
  if (digits.digits.empty() || base.empty() || base.size() > 2) throw Unreadable{};
  advance();
  if (braced) expect("}");
  return call("based", {make(Kind::number, digits.digits), number(base)});
}

/// 101 "in base 2", "(base 2)", "base two", "in binary"; nothing where no such words follow.
Expr FormulaParser::number_to_named_base(const Token& digits) {
  constexpr std::string_view kBase = "base";
  const bool bracketed = is_sign("(");
  const std::size_t at = bracketed || is_command("in") ? 1 : 0;
  const Token& name = token(at);
  if (digits.digits.empty() || name.kind != TokenKind::words) return nullptr;
  std::string base = name.text == "binary" && at > 0 ? "2" : "";
  if (name.text.starts_with(kBase) && name.text.size() > kBase.size() + 1) {
    base = number_of_words(std::string_view(name.text).substr(kBase.size() + 1));
  }
  const bool in_digits = name.text == kBase && token(at + 1).kind == TokenKind::number;
  if (in_digits) base = token(at + 1).digits;
  if (base.empty() || base.size() > 2) return nullptr;
  const std::size_t count = at + (in_digits ? 2 : 1);
  if (bracketed && token(count).text != ")") return nullptr;
  for (std::size_t i = 0; i < count + (bracketed ? 1 : 0); ++i) advance();
  return call("based", {make(Kind::number, digits.digits), number(base)});
}

/// {}_5C_2, ^5C_2, {}_nP_k: what stands before the letter is chosen from.
Expr FormulaParser::prescript() {
  advance();
  Expr from = index();
  const std::string letter = token().text;
  if (token().kind != TokenKind::letter || !is_choice_letter(letter)) throw Unreadable{};
  advance();
  if (!is_sign("_") && !is_sign("^")) throw Unreadable{};
  advance();
  return choices(letter, std::move(from), index());
}

/// A whole number, a letter or a group.
Expr FormulaParser::index() {
  const Nesting nesting(*this);
  const bool plain = token().kind == TokenKind::number || token().kind == TokenKind::letter;
  if (!plain && !is_sign("{")) throw Unreadable{};
  if (!plain) return primary();
  Expr value = token().kind == TokenKind::number ? number(token().text) : symbol(token().text);
  advance();
  return value;
}

/// 5C2, written without spaces; nothing for what isn't one.
Expr FormulaParser::choice_of_number(const Token& digits) {
  const Token &letter = token(), &many = token(1);
  if (letter.kind != TokenKind::letter || letter.spaced || many.kind != TokenKind::number ||
      many.spaced || (letter.text != "C" && letter.text != "P") ||
      !can_be_chosen(letter.text, digits.digits, many.digits)) {
    return nullptr;
  }
  Expr result = choices(letter.text, number(digits.digits), number(many.digits));
  advance();
  advance();
  return result;
}

/// C_5^2, C^2_{5}, A_5^2 after their letter; nothing where that is a name with indices.
Expr FormulaParser::choice_of_letter(std::string_view letter) {
  if (!is_choice_letter(letter)) return nullptr;
  std::string below, above;
  std::size_t ahead = 0;
  for (int i = 0; i < 2; ++i) {
    if (token(ahead).kind != TokenKind::sign) return nullptr;
    const bool is_below = token(ahead).text == "_";
    if (!is_below && token(ahead).text != "^") return nullptr;
    ++ahead;
    const bool braced = token(ahead).kind == TokenKind::sign && token(ahead).text == "{";
    if (braced) ++ahead;
    if (token(ahead).digits.empty()) return nullptr;
    (is_below ? below : above) = token(ahead++).digits;
    if (!braced) continue;
    if (token(ahead).kind != TokenKind::sign || token(ahead).text != "}") return nullptr;
    ++ahead;
  }
  if (!can_be_chosen(letter, below, above)) return nullptr;
  for (; ahead > 0; --ahead) advance();
  return choices(letter, number(below), number(above));
}

}  // namespace r1::grading
