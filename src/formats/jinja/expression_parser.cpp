#include "formats/jinja/expression_parser.h"

#include <charconv>
#include <cstdint>

namespace r1::jinja {

ExpressionPointer ExpressionParser::parse(bool conditional) {
  const NestingGuard guard(depth_, tokens_);
  ExpressionPointer result = parse_or();
  while (conditional && tokens_.at_name("if")) {
    const int at = tokens_.take().line;
    ExpressionPointer condition = parse_or();
    ExpressionPointer otherwise = tokens_.skip_name("else") ? parse() : nullptr;
    result = make(at, Conditional{condition, result, otherwise});
  }
  return result;
}

ExpressionPointer ExpressionParser::parse_tuple(bool conditional) {
  const int at = line();
  ExpressionPointer first = parse(conditional);
  if (!tokens_.at_symbol(",")) return first;
  Sequence tuple{{first}, true};
  while (tokens_.skip_symbol(",")) {
    if (tokens_.at(TokenKind::block_end) || tokens_.at(TokenKind::output_end) ||
        tokens_.at_symbol(")"))
      break;
    tuple.items.push_back(parse(conditional));
  }
  return make(at, std::move(tuple));
}

ExpressionPointer ExpressionParser::parse_or() {
  ExpressionPointer left = parse_and();
  while (tokens_.at_name("or")) {
    const int at = tokens_.take().line;
    left = make(at, Binary{"or", left, parse_and()});
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_and() {
  ExpressionPointer left = parse_not();
  while (tokens_.at_name("and")) {
    const int at = tokens_.take().line;
    left = make(at, Binary{"and", left, parse_not()});
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_not() {
  if (!tokens_.at_name("not")) return parse_comparison();
  const NestingGuard guard(depth_, tokens_);
  const int at = tokens_.take().line;
  return make(at, Unary{'!', parse_not()});
}

ExpressionPointer ExpressionParser::parse_comparison() {
  const int at = line();
  Comparison comparison{parse_sum(), {}};
  for (;;) {
    std::string symbol;
    for (const std::string_view known : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (tokens_.at_symbol(known)) symbol = known;
    }
    if (tokens_.at_name("in")) symbol = "in";
    if (tokens_.at_name("not") && tokens_.ahead().kind == TokenKind::name &&
        tokens_.ahead().text == "in") {
      tokens_.take();
      symbol = "not in";
    }
    if (symbol.empty()) break;
    tokens_.take();
    comparison.rest.emplace_back(symbol, parse_sum());
  }
  if (comparison.rest.empty()) return comparison.first;
  return make(at, std::move(comparison));
}

ExpressionPointer ExpressionParser::parse_sum() {
  ExpressionPointer left = parse_concatenation();
  while (tokens_.at_symbol("+") || tokens_.at_symbol("-")) {
    const Token symbol = tokens_.take();
    left = make(symbol.line, Binary{symbol.text, left, parse_concatenation()});
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_concatenation() {
  const int at = line();
  Concatenation concatenation{{parse_product()}};
  while (tokens_.skip_symbol("~")) concatenation.parts.push_back(parse_product());
  if (concatenation.parts.size() == 1) return concatenation.parts[0];
  return make(at, std::move(concatenation));
}

ExpressionPointer ExpressionParser::parse_product() {
  ExpressionPointer left = parse_power();
  while (tokens_.at_symbol("*") || tokens_.at_symbol("/") || tokens_.at_symbol("//") ||
         tokens_.at_symbol("%")) {
    const Token symbol = tokens_.take();
    left = make(symbol.line, Binary{symbol.text, left, parse_power()});
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_power() {
  ExpressionPointer left = parse_unary();
  while (tokens_.at_symbol("**")) {
    const Token symbol = tokens_.take();
    left = make(symbol.line, Binary{symbol.text, left, parse_unary()});
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_unary(bool with_filters) {
  const NestingGuard guard(depth_, tokens_);
  ExpressionPointer result = nullptr;
  if (tokens_.at_symbol("-") || tokens_.at_symbol("+")) {
    const Token symbol = tokens_.take();
    result = make(symbol.line, Unary{symbol.text[0], parse_unary(false)});
  } else {
    result = parse_primary();
  }
  result = parse_postfix(result);
  return with_filters ? parse_filters(result) : result;
}

ExpressionPointer ExpressionParser::parse_postfix(ExpressionPointer object) {
  for (;;) {
    if (tokens_.at_symbol(".") || tokens_.at_symbol("[")) {
      object = parse_subscript(object);
    } else if (tokens_.at_symbol("(")) {
      const int at = line();
      object = make(at, Call{object, parse_arguments()});
    } else {
      return object;
    }
  }
}

ExpressionPointer ExpressionParser::parse_filters(ExpressionPointer input) {
  for (;;) {
    const int at = line();
    if (tokens_.skip_symbol("|")) {
      input = make(at, parse_filter(input));
    } else if (tokens_.skip_name("is")) {
      input = parse_test(input);
    } else if (tokens_.at_symbol("(")) {
      input = make(at, Call{input, parse_arguments()});
    } else {
      return input;
    }
  }
}

std::string ExpressionParser::dotted_name() {
  std::string name = tokens_.expect_any_name();
  while (tokens_.skip_symbol(".")) name += "." + tokens_.expect_any_name();
  return name;
}

FilterUse ExpressionParser::parse_filter(ExpressionPointer input) {
  FilterUse filter{input, dotted_name(), {}};
  if (tokens_.at_symbol("(")) filter.arguments = parse_arguments();
  return filter;
}

ExpressionPointer ExpressionParser::parse_test(ExpressionPointer input) {
  const int at = line();
  const bool negated = tokens_.skip_name("not");
  TestUse test{input, dotted_name(), {}, negated};
  const bool word = tokens_.at(TokenKind::name) && !tokens_.at_any_name({"else", "or", "and"});
  if (tokens_.at_symbol("(")) {
    test.arguments = parse_arguments();
  } else if (word || tokens_.at(TokenKind::string) || tokens_.at(TokenKind::integer) ||
             tokens_.at(TokenKind::floating) || tokens_.at_symbol("[") || tokens_.at_symbol("{")) {
    if (tokens_.at_name("is")) tokens_.fail("tests with 'is' cannot be chained");
    test.arguments.positional.push_back(parse_postfix(parse_primary()));
  }
  return make(at, std::move(test));
}

ArgumentList ExpressionParser::parse_arguments() {
  tokens_.expect_symbol("(");
  ArgumentList arguments;
  while (!tokens_.skip_symbol(")")) {
    if (tokens_.at_symbol("*") || tokens_.at_symbol("**")) {
      tokens_.fail("argument lists with * or ** are not supported");
    }
    if (tokens_.at(TokenKind::name) && tokens_.ahead().kind == TokenKind::symbol &&
        tokens_.ahead().text == "=") {
      std::string name = tokens_.take().text;
      tokens_.take();
      arguments.named.emplace_back(std::move(name), parse());
    } else if (!arguments.named.empty()) {
      tokens_.fail("a positional argument follows a named one");
    } else {
      arguments.positional.push_back(parse());
    }
    if (!tokens_.at_symbol(")")) tokens_.expect_symbol(",");
  }
  return arguments;
}

ExpressionPointer ExpressionParser::parse_subscript(ExpressionPointer object) {
  const int at = line();
  if (tokens_.skip_symbol(".")) {
    if (tokens_.at(TokenKind::integer)) return make(at, Subscript{object, parse_number()});
    return make(at, Attribute{object, keep(tokens_.expect_any_name())});
  }
  tokens_.expect_symbol("[");
  const auto part = [&]() -> ExpressionPointer {
    return tokens_.at_symbol(":") || tokens_.at_symbol("]") ? nullptr : parse();
  };
  ExpressionPointer first = part();
  if (tokens_.skip_symbol("]")) {
    if (first == nullptr) tokens_.fail("an empty subscript");
    return make(at, Subscript{object, first});
  }
  tokens_.expect_symbol(":");
  ExpressionPointer stop = part();
  ExpressionPointer step = tokens_.skip_symbol(":") ? part() : nullptr;
  tokens_.expect_symbol("]");
  return make(at, Slice{object, first, stop, step});
}

ExpressionPointer ExpressionParser::parse_primary() {
  const int at = line();
  switch (tokens_.current().kind) {
    case TokenKind::name: {
      std::string name = tokens_.take().text;
      if (name == "true" || name == "True") return make(at, Literal{Value(true)});
      if (name == "false" || name == "False") return make(at, Literal{Value(false)});
      if (name == "none" || name == "None") return make(at, Literal{Value(None{})});
      return make(at, Name{keep(std::move(name))});
    }
    case TokenKind::string:
      return parse_string();
    case TokenKind::integer:
    case TokenKind::floating:
      return parse_number();
    default:
      break;
  }
  if (tokens_.at_symbol("(")) return parse_parenthesized();
  if (tokens_.at_symbol("[")) return parse_list();
  if (tokens_.at_symbol("{")) return parse_dict();
  tokens_.fail_expected("an expression");
}

ExpressionPointer ExpressionParser::parse_string() {
  const int at = line();
  std::string text;
  while (tokens_.at(TokenKind::string)) text += tokens_.take().text;
  return make(at, Literal{Value(keep(std::move(text)))});
}

ExpressionPointer ExpressionParser::parse_number() {
  const int at = line();
  const Token token = tokens_.take();
  const char* begin = token.text.data();
  const char* end = begin + token.text.size();
  if (token.kind == TokenKind::floating) {
    double number = 0;
    if (std::from_chars(begin, end, number).ec != std::errc())
      tokens_.fail("a number is too large");
    return make(at, Literal{Value(number)});
  }
  std::uint64_t number = 0;
  if (std::from_chars(begin, end, number).ec != std::errc()) tokens_.fail("a number is too large");
  return make(at, Literal{Value(Integer{number})});
}

ExpressionPointer ExpressionParser::parse_parenthesized() {
  const int at = line();
  tokens_.expect_symbol("(");
  if (tokens_.skip_symbol(")")) return make(at, Sequence{{}, true});
  ExpressionPointer inside = parse_tuple();
  tokens_.expect_symbol(")");
  return inside;
}

ExpressionPointer ExpressionParser::parse_list() {
  const int at = line();
  tokens_.expect_symbol("[");
  Sequence list{{}, false};
  while (!tokens_.skip_symbol("]")) {
    list.items.push_back(parse());
    if (!tokens_.at_symbol("]")) tokens_.expect_symbol(",");
  }
  return make(at, std::move(list));
}

ExpressionPointer ExpressionParser::parse_dict() {
  const int at = line();
  tokens_.expect_symbol("{");
  DictDisplay dict;
  while (!tokens_.skip_symbol("}")) {
    ExpressionPointer key = parse();
    tokens_.expect_symbol(":");
    dict.entries.emplace_back(key, parse());
    if (!tokens_.at_symbol("}")) tokens_.expect_symbol(",");
  }
  return make(at, std::move(dict));
}

}  // namespace r1::jinja
