// The grammar of expressions.
#pragma once

#include <string>
#include <utility>

#include "formats/jinja/syntax.h"
#include "formats/jinja/token_stream.h"

namespace r1::jinja {

class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, Program& program, int& depth)
      : tokens_(tokens), program_(program), depth_(depth) {}

  /// One expression, conditional ones included unless told otherwise.
  ExpressionPointer parse(bool conditional = true);
  /// One expression, or several with commas between them: a tuple.
  ExpressionPointer parse_tuple(bool conditional = true);
  /// The name and arguments of a filter, after its '|' was taken.
  FilterUse parse_filter(ExpressionPointer input);
  /// The arguments of a call, from its '('.
  ArgumentList parse_arguments();
  ExpressionPointer parse_unary(bool with_filters = true);
  const std::string* keep(std::string text) {
    return &program_.strings.emplace_back(std::move(text));
  }

 private:
  template <typename Form>
  ExpressionPointer make(int line, Form form) {
    return &program_.expressions.emplace_back(Expression{line, std::move(form)});
  }
  int line() const { return tokens_.current().line; }
  ExpressionPointer parse_or();
  ExpressionPointer parse_and();
  ExpressionPointer parse_not();
  ExpressionPointer parse_comparison();
  ExpressionPointer parse_sum();
  ExpressionPointer parse_concatenation();
  ExpressionPointer parse_product();
  ExpressionPointer parse_power();
  ExpressionPointer parse_postfix(ExpressionPointer object);
  ExpressionPointer parse_filters(ExpressionPointer input);
  ExpressionPointer parse_test(ExpressionPointer input);
  ExpressionPointer parse_subscript(ExpressionPointer object);
  ExpressionPointer parse_primary();
  ExpressionPointer parse_parenthesized();
  ExpressionPointer parse_list();
  ExpressionPointer parse_dict();
  ExpressionPointer parse_number();
  ExpressionPointer parse_string();
  std::string dotted_name();

  TokenStream& tokens_;
  Program& program_;
  int& depth_;
};

}  // namespace r1::jinja
