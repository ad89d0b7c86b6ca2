#include "tasks/grading/formula_parser.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr int kDeepest = 150;

bool is_integer(const Expr& expr) {
  return expr->kind == Kind::number && expr->text.find('/') == std::string::npos;
}

/// Of two texts of digits without sign.
bool is_smaller(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

FormulaParser::Nesting::Nesting(FormulaParser& parser) : parser_(parser) {
  if (++parser_.depth_ > kDeepest) {
    --parser_.depth_;
    throw Unreadable{};
  }
}

void FormulaParser::expect(std::string_view sign) {
  if (!is_sign(sign)) throw Unreadable{};
  advance();
}

Expr FormulaParser::sum_of_terms() {
  const Nesting nesting(*this);
  std::vector<Expr> terms;
  do {
    bool minus = false;
    std::string either;
    while (is_sign("+") || is_sign("-") || is_command("pm") || is_command("mp")) {
      if (is_sign("-")) minus = !minus;
      if (token().kind == TokenKind::command) either = token().text;
      advance();
    }
    Expr value = term();
    if (!either.empty()) value = call(either, {std::move(value)});
    terms.push_back(minus ? negative(std::move(value)) : std::move(value));
  } while (is_sign("+") || is_sign("-") || is_command("pm") || is_command("mp"));
  return sum(std::move(terms));
}

Expr FormulaParser::term() {
  std::vector<Expr> factors{factor()};
  while (true) {
    const bool divides = is_sign("/");
    if (divides || is_sign("*")) {
      advance();
      bool minus = false;
      while (is_sign("-") || is_sign("+")) {
        minus = minus != is_sign("-");
        advance();
      }
      Expr value = factor();
      if (minus) value = negative(std::move(value));
      factors.push_back(divides ? power(std::move(value), number("-1")) : std::move(value));
    } else if (is_command("mod")) {
      advance();
      Expr value = product(std::move(factors));
      factors = {call("mod", {std::move(value), factor()})};
    } else if (starts_factor()) {
      if (token().kind == TokenKind::number && factors.back()->kind == Kind::number) {
        throw Unreadable{};
      }
      factors.push_back(factor());
    } else {
      return product(std::move(factors));
    }
  }
}

bool FormulaParser::is_function_token() const {
  return token().kind == TokenKind::command && is_function(token().text) &&
         token().text != "sqrt" && token().text != "cbrt";
}

bool FormulaParser::starts_factor() const {
  const Token& next = token();
  switch (next.kind) {
    case TokenKind::number:
    case TokenKind::letter:
      return true;
    case TokenKind::sign:
      return (next.text == "(" &&
              !(token(1).kind == TokenKind::command && token(1).text == "mod")) ||
             next.text == "[" || next.text == "{" ||
             (next.text == "|" && bars_open_ == 0 && !colon_ends_);
    case TokenKind::command: {
      static constexpr std::string_view kOthers[] = {
          "frac",           "binom",    "pi",   "infty", "overline", "vec",    "hat",
          "tilde",          "widehat",  "dots", "sum",   "prod",     "lfloor", "lceil",
          "overrightarrow", "widetilde"};
      return is_function(next.text) || next.text.starts_with("begin ") ||
             std::find(std::begin(kOthers), std::end(kOthers), next.text) != std::end(kOthers);
    }
    default:
      return false;
  }
}

Expr FormulaParser::factor() {
  const Nesting nesting(*this);
  if (token().kind == TokenKind::number && !token().digits.empty()) {
    const std::string whole = token().digits;
    if (token(1).text == "frac" || (token(1).spaced && token(1).kind == TokenKind::number &&
                                    token(2).text == "/" && token(3).kind == TokenKind::number)) {
      return mixed_number(whole);
    }
  }
  return with_postfix(primary());
}

/// 1\frac{1}{2} is a sum; 2\frac{x}{3} a product.
Expr FormulaParser::mixed_number(const std::string& whole) {
  advance();
  Expr numerator, denominator;
  if (is_command("frac")) {
    advance();
    numerator = latex_argument();
    denominator = latex_argument();
  } else {
    numerator = primary();
    expect("/");
    denominator = primary();
    if (!is_integer(numerator) || !is_integer(denominator)) throw Unreadable{};
  }
  Expr fraction = quotient(numerator, denominator);
  const bool mixed = is_integer(numerator) && is_integer(denominator) &&
                     numerator->text[0] != '-' && is_smaller(numerator->text, denominator->text);
  if (mixed) return with_postfix(sum({number(whole), std::move(fraction)}));
  return product({number(whole), with_postfix(std::move(fraction))});
}

Expr FormulaParser::primary() {
  const Token& next = token();
  switch (next.kind) {
    case TokenKind::number: {
      Token digits = next;
      advance();
      if (const std::size_t letters = letters_of_number()) {
        for (std::size_t i = 0; i < letters; ++i, advance()) digits.digits += token().text;
      }
      if (is_sign("_")) return based_number(digits);
      if (Expr based = number_to_named_base(digits)) return based;
      const Expr chosen = choice_of_number(digits);
      return chosen ? chosen : number(digits.text);
    }
    case TokenKind::letter: {
      const Expr value = number_of_letters();
      return value ? value : letter_primary();
    }
    case TokenKind::command:
      return command_primary();
    case TokenKind::words: {
      // Letters that are a word may still be a factor: "2 apples" has them as its unit, so they
      // come here only where a value must stand.
      if (Expr value = number_of_letters()) return value;
      const std::string words = next.text;
      advance();
      return symbol(words);
    }
    case TokenKind::sign:
      if (next.text == "(" && token(1).kind == TokenKind::number && token(2).text == ")" &&
          token(3).text == "_") {  // (101)_2
        const Token digits = token(1);
        for (int i = 0; i < 3; ++i) advance();
        return based_number(digits);
      }
      if (next.text == "(" || next.text == "[") return bracketed();
      if (next.text == "{") return braces();
      if (next.text == "|") return bars();
      if (next.text == "_" || next.text == "^") return prescript();
      if (next.text == "$") {  // money, where it is no answer of its own
        advance();
        return primary();
      }
      throw Unreadable{};
    default:
      throw Unreadable{};
  }
}

/// A letter with its subscript and primes; f(x) of the letters that name functions.
Expr FormulaParser::letter_primary() {
  std::string name = token().text;
  advance();
  if (Expr chosen = choice_of_letter(name)) return chosen;
  if (is_sign("_")) name += subscript();
  while (is_sign("'")) {
    name += "'";
    advance();
  }
  if (name == "e" || name == "i") return constant(name);
  if ((name == "P" || name == "Pr" || name == "E") && is_sign("(")) {
    if (Expr given = conditional(name)) return given;
  }
  const bool names_function = std::string_view("fghFG").find(name[0]) != std::string_view::npos;
  // I(0) is a value of I and no product with 0.
  const bool at_number =
      is_sign("(") && !token().spaced && token(1).kind == TokenKind::number && token(2).text == ")";
  // and y(x) = ... speaks of a function's value.
  const bool is_left_side = is_sign("(") && !token().spaced && token(1).kind == TokenKind::letter &&
                            token(2).text == ")" && token(3).kind == TokenKind::sign &&
                            token(3).text == "=";
  if ((names_function && is_sign("(")) || at_number || is_left_side) {
    advance();
    Expr argument = comma_list();
    expect(")");
    return call("apply " + name, {std::move(argument)});
  }
  return symbol(std::move(name));
}

Expr FormulaParser::command_primary() {
  const std::string name = token().text;
  if (name.starts_with("begin ")) return environment(name.substr(6));
  if (name == "lbrace") return set();
  advance();
  if (name == "frac") return fraction();
  if (name == "sqrt" || name == "cbrt") return root(name);
  if (name == "pi") return constant("pi");
  if (name == "infty") return constant("infinity");
  if (name == "degree") return constant("degree");
  if (name == "emptyset") return make(Kind::set, "");
  if (name == "dots") return symbol("...");
  if (name == "binom") {
    Expr n = latex_argument();
    return call("binomial", {std::move(n), latex_argument()});
  }
  if (name == "lfloor") return between("floor", "rfloor");
  if (name == "lceil") return between("ceil", "rceil");
  if (name == "langle") return between("", "rangle");
  if (name == "sum" || name == "prod") return iterated(name);
  if (name == "overline" || name == "vec" || name == "hat" || name == "tilde" ||
      name == "widehat" || name == "overrightarrow" || name == "widetilde") {
    return decorated(name, latex_argument());
  }
  static constexpr std::string_view kNumberSets[] = {"reals", "integers", "rationals", "naturals",
                                                     "complexes"};
  if (std::find(std::begin(kNumberSets), std::end(kNumberSets), name) != std::end(kNumberSets)) {
    std::string set = name;
    // \mathbb{R}^+, \mathbb{Q}_{>0} are sets of their own.
    if (is_sign("_")) set += subscript();
    if (is_sign("^") && token(1).kind == TokenKind::sign && token(1).text != "{") {
      advance();
      set += "^" + token().text;
      advance();
    }
    return call(set, {});
  }
  if (is_function(name)) return function(name);
  throw Unreadable{};
}

/// A letter with a sign above; the unit vectors i, j and k are those without it.
Expr FormulaParser::decorated(const std::string& name, Expr argument) {
  const bool is_vector = name == "vec" || name == "hat";
  const bool is_unit =
      is_constant(argument, "i") ||
      (argument->kind == Kind::symbol && (argument->text == "j" || argument->text == "k"));
  const bool is_arrow = name == "vec" && argument->kind == Kind::product &&
                        std::all_of(argument->children.begin(), argument->children.end(),
                                    [](const Expr& end) { return end->kind == Kind::symbol; });
  if (is_arrow) {  // from A to B
    std::string ends;
    for (const Expr& end : argument->children) ends += end->text;
    argument = symbol(std::move(ends));
  }
  return is_vector && is_unit ? argument : call(name, {std::move(argument)});
}

Expr FormulaParser::fraction() {
  Expr numerator = latex_argument();
  return quotient(std::move(numerator), latex_argument());
}

/// An argument of a LaTeX command: a group, one digit, one letter or one command.
Expr FormulaParser::latex_argument() {
  const Nesting nesting(*this);
  if (token().kind == TokenKind::number && !token().digits.empty()) {
    Token& digits = tokens_[at_];
    const std::string first = digits.digits.substr(0, 1);
    digits.digits.erase(0, 1);
    digits.text = digits.digits;
    digits.spaced = false;
    if (digits.digits.empty()) advance();
    return number(first);
  }
  if (is_sign("-")) {
    advance();
    return negative(latex_argument());
  }
  return primary();
}

Expr FormulaParser::root(const std::string& name) {
  Expr index = number(name == "cbrt" ? "3" : "2");
  if (is_sign("[")) {
    advance();
    index = sum_of_terms();
    expect("]");
  }
  const Nesting nesting(*this);
  Expr radicand = primary();
  if (radicand->kind == Kind::tuple && radicand->children.size() == 2) {
    index = radicand->children[1];
    radicand = radicand->children[0];
  }
  return call("root", {std::move(radicand), std::move(index)});
}

Expr FormulaParser::between(std::string_view function, std::string_view close) {
  Expr value = comma_list();
  if (!is_command(close)) throw Unreadable{};
  advance();
  if (!function.empty()) return call(std::string(function), {std::move(value)});
  return value->kind == Kind::list ? make(Kind::tuple, "()", value->children) : value;
}

Expr FormulaParser::with_postfix(Expr base) {
  while (true) {
    if (is_sign("^")) {
      base = raised(std::move(base));
    } else if (is_sign("_") && base->kind == Kind::power &&
               base->children[0]->kind == Kind::symbol) {
      // v^2_0 is (v_0)^2.
      base = power(symbol(base->children[0]->text + subscript()), base->children[1]);
    } else if (is_sign("!")) {
      int count = 0;
      for (; is_sign("!"); ++count) advance();
      if (count > 2) throw Unreadable{};
      base = call(count == 1 ? "factorial" : "double factorial", {std::move(base)});
    } else if (is_sign("%")) {
      advance();
      base = product({std::move(base), number("1/100")});
    } else if (is_command("degree")) {
      advance();
      base = degrees(std::move(base));
    } else {
      return base;
    }
  }
}

/// After the sign of degrees: of an angle, or of a temperature, where C or F follows.
Expr FormulaParser::degrees(Expr value) {
  const bool celsius = token().text == "C", fahrenheit = token().text == "F";
  if (token().kind != TokenKind::letter || !(celsius || fahrenheit)) {
    return product({std::move(value), constant("degree")});
  }
  advance();
  return make(Kind::quantity, celsius ? "celsius" : "fahrenheit", {std::move(value)});
}

/// base^exponent, and what is written as an exponent without being one: degrees, primes, ordinals.
Expr FormulaParser::raised(Expr base) {
  advance();
  const bool braced = is_sign("{");
  const Token& first = token(braced ? 1 : 0);
  const Token& after = token(braced ? 2 : 1);
  const bool alone = !braced || (after.kind == TokenKind::sign && after.text == "}");
  const auto skip = [&] {
    for (int i = 0; i < (braced ? 3 : 1); ++i) advance();
  };
  if (alone && first.kind == TokenKind::command &&
      (first.text == "circ" || first.text == "degree")) {
    skip();
    return degrees(std::move(base));
  }
  const bool is_mark = (first.kind == TokenKind::command && first.text == "prime") ||
                       (first.kind == TokenKind::sign && (first.text == "'" || first.text == "*"));
  if (alone && is_mark && base->kind == Kind::symbol) {
    const std::string mark = first.text == "*" ? "*" : "'";
    skip();
    return symbol(base->text + mark);
  }
  if (alone && first.kind == TokenKind::words) {
    const std::string words = first.text;
    skip();
    return make(Kind::quantity, words, {std::move(base)});
  }
  if (braced && first.kind == TokenKind::letter &&
      (first.text == "t" || first.text == "s" || first.text == "n" || first.text == "r") &&
      after.kind == TokenKind::letter && base->kind == Kind::number) {
    const std::string ordinal = first.text + after.text;
    if (ordinal == "th" || ordinal == "st" || ordinal == "nd" || ordinal == "rd") {
      for (int i = 0; i < 4; ++i) advance();
      return make(Kind::quantity, ordinal, {std::move(base)});
    }
  }
  return power(std::move(base), exponent());
}

Expr FormulaParser::exponent() {
  const Nesting nesting(*this);
  if (is_sign("-") || is_sign("+")) {
    const bool minus = is_sign("-");
    advance();
    Expr value = exponent();
    return minus ? negative(std::move(value)) : value;
  }
  // In v^2_0 the 2 is no number in base 0.
  const bool plain = token().kind == TokenKind::number;
  Expr value = plain ? number(token().text) : primary();
  if (plain) advance();
  if (!is_sign("^")) return value;
  return raised(std::move(value));
}

Expr FormulaParser::function(const std::string& name) {
  Expr exponent_of_it, below;
  while (is_sign("^") || is_sign("_")) {
    const bool upper = is_sign("^");
    advance();
    (upper ? exponent_of_it : below) = upper ? exponent() : latex_argument();
  }
  Expr argument;
  if (is_sign("(") || is_sign("[")) {
    argument = bracketed();
  } else if (is_sign("{")) {
    argument = braces();
  } else {
    argument = function_argument();
  }
  if (exponent_of_it && exponent_of_it->kind == Kind::number && exponent_of_it->text == "-1") {
    return applied("arc" + name, below, argument);
  }
  Expr value = applied(name, below, argument);
  return exponent_of_it ? power(std::move(value), std::move(exponent_of_it)) : value;
}

/// Without brackets: the factors up to a sign or another function, as in \sin 2x \cos x.
Expr FormulaParser::function_argument() {
  const Nesting nesting(*this);
  const bool minus = is_sign("-");
  if (minus) advance();
  std::vector<Expr> factors{factor()};
  while (starts_factor() && !is_function_token()) factors.push_back(factor());
  const bool of_pi = std::any_of(factors.begin(), factors.end(), [](const Expr& factor) {
    return contains(
        factor, [](const Node& node) { return node.kind == Kind::constant && node.text == "pi"; });
  });
  if (of_pi && is_sign("/") && token(1).kind == TokenKind::number) {
    advance();
    factors.push_back(power(factor(), number("-1")));
  }
  Expr argument = product(std::move(factors));
  return minus ? negative(std::move(argument)) : argument;
}

Expr FormulaParser::applied(const std::string& name, const Expr& below, const Expr& argument) {
  std::vector<Expr> arguments{argument};
  if (argument->kind == Kind::tuple || argument->kind == Kind::list ||
      argument->kind == Kind::set) {
    arguments = argument->children;
  }
  if (name == "log") {
    if (below) return call("log", {arguments[0], below});
    if (arguments.size() == 2) return call("log", arguments);
    return call("log", {arguments[0]});
  }
  if (below) throw Unreadable{};
  if (name == "lg") return call("log", {arguments[0], number("10")});
  if (name == "exp") return power(constant("e"), arguments[0]);
  if (name == "pow" && arguments.size() == 2) return power(arguments[0], arguments[1]);
  if (name == "det") return call("abs", std::move(arguments));
  return call(name, std::move(arguments));
}

/// \sum_{k=1}^{n} body, \prod likewise.
Expr FormulaParser::iterated(const std::string& name) {
  expect("_");
  expect("{");
  if (token().kind != TokenKind::letter) throw Unreadable{};
  const std::string name_of_index = token().text;
  Expr index = symbol(name_of_index);
  advance();
  expect("=");
  Expr first = sum_of_terms();
  expect("}");
  expect("^");
  Expr last = exponent();
  Expr body = term();
  // \sum_{i=1}^{n} i doesn't speak of the imaginary unit.
  body = transform(body, [&](const Expr& node) {
    return is_constant(node, name_of_index) ? symbol(name_of_index) : nullptr;
  });
  return call(name, {std::move(index), std::move(first), std::move(last), std::move(body)});
}

}  // namespace r1::grading
