#include "tasks/grading/either_sign.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

namespace r1::grading {
namespace {

constexpr std::size_t kMostSigns = 5;

/// -(3, 2) is (-3, -2).
Expr opposite(const Expr& expr) {
  if (expr->kind != Kind::tuple) return negative(expr);
  std::vector<Expr> parts;
  for (const Expr& part : expr->children) parts.push_back(negative(part));
  return make(Kind::tuple, expr->text, std::move(parts));
}

}  // namespace

bool is_either_sign(const Node& node) {
  return node.kind == Kind::call && (node.text == "pm" || node.text == "mp");
}

std::vector<Expr> with_each_sign(const Expr& expr) {
  std::set<const Node*> signs;
  contains(expr, [&](const Node& node) {
    if (node.kind == Kind::call && node.text == "pm") signs.insert(&node);
    return false;
  });
  // Where only "minus or plus" is written it is free itself.
  const bool has_signs = contains(expr, is_either_sign);
  if (!has_signs || signs.size() > kMostSigns) return {expr};
  const std::size_t free = std::max<std::size_t>(signs.size(), 1);
  std::vector<Expr> result;
  for (std::size_t mask = 0; mask < (std::size_t{1} << free); ++mask) {
    std::size_t next = 0;
    const bool first_minus = (mask & 1) != 0;
    result.push_back(transform(expr, [&](const Expr& node) -> Expr {
      if (!is_either_sign(*node)) return nullptr;
      const bool linked = node->text == "mp";
      const bool minus = linked ? !first_minus : ((mask >> next++) & 1) != 0;
      return minus ? opposite(node->children[0]) : node->children[0];
    }));
  }
  return result;
}

}  // namespace r1::grading
