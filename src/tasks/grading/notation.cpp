#include "tasks/grading/notation.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace r1::grading {
namespace {

bool is_dots(const Expr& expr) {
  return expr->kind == Kind::symbol && expr->text == "...";
}

/// "a" of a_1; empty for anything but a variable with a subscript.
std::string sequence_of(const Expr& expr) {
  if (expr->kind != Kind::symbol) return "";
  const std::size_t subscript = expr->text.find('_');
  return subscript == std::string::npos ? "" : expr->text.substr(0, subscript);
}

Expr without_dots(const Expr& expr) {
  if (expr->kind != Kind::sum && expr->kind != Kind::product) return nullptr;
  const auto& parts = expr->children;
  const auto dots = std::find_if(parts.begin(), parts.end(), is_dots);
  if (dots == parts.begin() || dots == parts.end() || dots + 1 == parts.end()) return nullptr;
  const std::string sequence = sequence_of(*(dots + 1));
  if (sequence.empty()) return nullptr;
  auto first = dots;
  while (first != parts.begin() && sequence_of(*(first - 1)) == sequence) --first;
  if (first == dots) return nullptr;
  std::vector<Expr> ends{*first, *(dots + 1)};
  if (ends[1]->text < ends[0]->text) std::swap(ends[0], ends[1]);
  std::vector<Expr> kept(parts.begin(), first);
  kept.push_back(call(expr->kind == Kind::sum ? "sum of all" : "product of all", std::move(ends)));
  kept.insert(kept.end(), dots + 2, parts.end());
  return expr->kind == Kind::sum ? sum(std::move(kept)) : product(std::move(kept));
}

bool is_condition(const Expr& expr) {
  if (expr->kind != Kind::relation || expr->text != std::string(1, sign::element)) return false;
  const Expr& set = expr->children[1];
  return expr->children[0]->kind == Kind::symbol && set->kind == Kind::call &&
         set->children.empty();
}

}  // namespace

Expr without_ellipses(const Expr& expr) {
  return transform(expr, without_dots);
}

Expr without_conditions(const Expr& expr) {
  if (expr->kind != Kind::list) return expr;
  std::vector<Expr> items;
  for (const Expr& item : expr->children) {
    if (!is_condition(item)) items.push_back(item);
  }
  if (items.empty() || items.size() == expr->children.size()) return expr;
  return items.size() == 1 ? items[0] : make(Kind::list, expr->text, std::move(items));
}

}  // namespace r1::grading
