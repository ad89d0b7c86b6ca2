// The part of FormulaParser that reads brackets: groups, tuples, sets, bars, environments.
#include <algorithm>
#include <string>
#include <utility>

#include "tasks/grading/formula_parser.h"

namespace r1::grading {
namespace {

/// Sets a flag for a scope.
template <typename Flag>
class Scoped {
 public:
  Scoped(Flag& flag, Flag value) : flag_(flag), before_(flag) { flag = value; }
  ~Scoped() { flag_ = before_; }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  Flag& flag_;
  Flag before_;
};

}  // namespace

/// (x) is x, (x, y) a tuple, [x, y) an interval.
Expr FormulaParser::bracketed() {
  const Scoped colon(colon_ends_, false);
  const Scoped bars(bars_open_, 0);
  const Scoped rows(in_rows_, false);
  std::string brackets = token().text;
  advance();
  Expr content = semicolon_list();
  while (is_sign("\\")) advance();
  if (!is_sign(")") && !is_sign("]")) throw Unreadable{};
  brackets += token().text;
  advance();
  if (content->kind == Kind::list && (content->text == "," || content->text == ";")) {
    return make(Kind::tuple, brackets, content->children);
  }
  return content;
}

/// The (A | B) of P(A | B); nothing where no single bar stands in the brackets.
Expr FormulaParser::conditional(const std::string& name) {
  std::size_t count = 0, ahead = 1;
  for (int depth = 1; depth > 0; ++ahead) {
    const Token& next = token(ahead);
    if (next.kind == TokenKind::end) return nullptr;
    if (next.kind != TokenKind::sign) continue;
    if (next.text == "(") ++depth;
    if (next.text == ")") --depth;
    if (next.text == "|") ++count;
  }
  if (count != 1) return nullptr;
  const Scoped colon(colon_ends_, true);
  advance();
  Expr event = comma_list();
  expect("|");
  Expr condition = comma_list();
  expect(")");
  return call("apply " + name, {std::move(event), std::move(condition)});
}

/// A LaTeX group, or a set in plain notation.
Expr FormulaParser::braces() {
  const bool has_condition = token(1).kind == TokenKind::letter &&
                             token(2).kind == TokenKind::sign &&
                             (token(2).text == "|" || token(2).text == ":");
  if (has_condition) return set();
  const Scoped colon(colon_ends_, false);
  const Scoped bars(bars_open_, 0);
  advance();
  if (is_sign("}")) {
    advance();
    return primary();
  }
  Expr content = semicolon_list();
  if (is_command("choose")) {
    advance();
    content = call("binomial", {std::move(content), comma_list()});
  }
  if (is_command("over")) {
    advance();
    content = quotient(std::move(content), comma_list());
  }
  expect("}");
  return content;
}

/// In LaTeX's braces, or in plain ones with a condition: {x | x > 1}.
Expr FormulaParser::set() {
  const bool plain = is_sign("{");
  const auto at_end = [&] { return plain ? is_sign("}") : is_command("rbrace"); };
  const Scoped bars(bars_open_, 0);
  const Scoped colon(colon_ends_, true);
  advance();
  if (at_end()) {
    advance();
    return make(Kind::set, "");
  }
  Expr content = semicolon_list();
  Expr condition;
  if (is_sign("|") || is_sign(":")) {
    const Scoped inside(colon_ends_, false);
    advance();
    condition = semicolon_list();
  }
  if (!at_end()) throw Unreadable{};
  advance();
  if (condition) return make(Kind::builder, "", {std::move(content), std::move(condition)});
  if (content->kind == Kind::list) return make(Kind::set, "", content->children);
  return make(Kind::set, "", {std::move(content)});
}

Expr FormulaParser::bars() {
  const Scoped colon(colon_ends_, false);
  const Scoped open(bars_open_, 1);
  advance();
  Expr value = sum_of_terms();
  expect("|");
  return call("abs", {std::move(value)});
}

/// In "x &= 5" the sign only says where lines are aligned.
void FormulaParser::remove_alignment(const std::string& end) {
  const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(at_);
  const auto stop = std::find_if(begin, tokens_.end(), [&](const Token& token) {
    return token.kind == TokenKind::command && token.text == end;
  });
  tokens_.erase(std::remove_if(begin, stop,
                               [](const Token& token) {
                                 return token.kind == TokenKind::sign && token.text == "&";
                               }),
                stop);
}

/// Matrices; determinants; cases and aligned lines as lists.
Expr FormulaParser::environment(const std::string& name) {
  const Nesting nesting(*this);
  const Scoped colon(colon_ends_, false);
  const Scoped bars(bars_open_, 0);
  const Scoped rows(in_rows_, true);
  advance();
  if (name == "array" && is_sign("{")) {
    while (!is_sign("}") && token().kind != TokenKind::end) advance();
    advance();
  }
  const std::string end = "end " + name;
  const bool is_matrix = name.find("matrix") != std::string::npos || name == "array";
  if (!is_matrix && name != "cases") remove_alignment(end);
  std::vector<Expr> cells;
  std::size_t columns = 0, in_row = 0;
  const auto end_row = [&] {
    if (in_row == 0) return;
    if (columns != 0 && in_row != columns && is_matrix) throw Unreadable{};
    columns = in_row;
    in_row = 0;
  };
  while (!is_command(end)) {
    if (is_sign("\\")) {
      end_row();
      advance();
    } else if (is_sign("&")) {
      advance();
    } else {
      cells.push_back(is_matrix ? operand() : comma_list());
      ++in_row;
      while (!is_matrix && (is_sign(",") || is_sign(";") || is_sign("."))) advance();
      if (!is_sign("\\") && !is_sign("&") && !is_command(end)) throw Unreadable{};
    }
  }
  end_row();
  advance();
  if (cells.empty()) throw Unreadable{};
  if (name == "cases" && columns == 2 && cells.size() % 2 == 0) {
    // A value beside the condition that it holds under.
    std::vector<Expr> cases;
    for (std::size_t i = 0; i < cells.size(); i += 2) {
      cases.push_back(make(Kind::tuple, "()", {cells[i], cells[i + 1]}));
    }
    return make(Kind::list, "and", std::move(cases));
  }
  if (!is_matrix) {
    return cells.size() == 1 ? cells[0] : make(Kind::list, "and", std::move(cells));
  }
  Expr matrix = make(Kind::matrix, std::to_string(columns), std::move(cells));
  return name == "vmatrix" ? call("abs", {std::move(matrix)}) : matrix;
}

}  // namespace r1::grading
