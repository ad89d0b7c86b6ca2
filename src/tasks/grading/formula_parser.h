// Reads formulas: sums, products, powers, functions, brackets, matrices. What may stand in brackets
// beside formulas (lists, relations) the class derived from it reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tasks/grading/expression.h"
#include "tasks/grading/tokens.h"

namespace r1::grading {

class FormulaParser {
 public:
  virtual ~FormulaParser() = default;

 protected:
  explicit FormulaParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  /// Items with ";" or new rows between them; with "," or "and" or "or"; sides with "=" or the
  /// like; sets joined.
  virtual Expr semicolon_list() = 0;
  virtual Expr comma_list() = 0;
  virtual Expr relation() = 0;
  virtual Expr operand() = 0;

  Expr sum_of_terms();

  const Token& token(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  void advance() { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
  bool is_sign(std::string_view text) const {
    return token().kind == TokenKind::sign && token().text == text;
  }
  bool is_command(std::string_view text) const {
    return token().kind == TokenKind::command && token().text == text;
  }
  void expect(std::string_view sign);

  /// Counts how deep the parser is in itself, and refuses to go too deep.
  class Nesting {
   public:
    explicit Nesting(FormulaParser& parser);
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    FormulaParser& parser_;
  };

  bool in_rows_ = false;     // "\\\\" begins another row
  bool colon_ends_ = false;  // in a set, ":" stands before the condition

 private:
  Expr term();
  Expr factor();
  Expr mixed_number(const std::string& whole);
  Expr primary();
  Expr with_postfix(Expr base);
  Expr exponent();
  Expr degrees(Expr value);
  Expr raised(Expr base);
  bool starts_factor() const;
  bool is_function_token() const;

  Expr command_primary();
  Expr letter_primary();
  Expr decorated(const std::string& name, Expr argument);
  Expr fraction();
  Expr latex_argument();
  Expr root(const std::string& name);
  Expr function(const std::string& name);
  Expr function_argument();
  Expr applied(const std::string& name, const Expr& subscript, const Expr& argument);
  Expr iterated(const std::string& name);
  Expr bracketed();
  Expr conditional(const std::string& name);
  Expr braces();
  Expr set();
  Expr bars();
  Expr between(std::string_view function, std::string_view close);
  Expr environment(const std::string& name);
  void remove_alignment(const std::string& end);

  // subscript_parser.cpp
  std::string subscript();
  std::size_t letters_of_number() const;
  Expr number_of_letters();
  Expr based_number(const Token& digits);
  Expr number_to_named_base(const Token& digits);
  Expr prescript();
  Expr index();
  Expr choice_of_number(const Token& digits);
  Expr choice_of_letter(std::string_view letter);

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int bars_open_ = 0;  // "|" closes these
};

}  // namespace r1::grading
