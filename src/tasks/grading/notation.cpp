#include "tasks/grading/notation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tasks/grading/labels.h"

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

/// A small whole number.
std::optional<long> small_number(const Expr& expr) {
  const bool is_small = expr->kind == Kind::number && expr->text.size() <= 6 &&
                        expr->text.find('/') == std::string::npos;
  return is_small ? std::optional(std::stol(expr->text)) : std::nullopt;
}

/// 1, 2, ..., 10 and {2, 4, ..., 20} with all numbers written out.
Expr with_all_members(const Expr& expr) {
  constexpr long kMost = 200;
  if (expr->kind != Kind::list && expr->kind != Kind::set) return nullptr;
  const auto& items = expr->children;
  if (items.size() < 3 || !is_dots(items[items.size() - 2])) return nullptr;
  std::vector<long> first;
  for (std::size_t i = 0; i + 2 < items.size(); ++i) {
    const auto value = small_number(items[i]);
    if (!value) return nullptr;
    first.push_back(*value);
  }
  const auto last = small_number(items.back());
  const long step = first.size() > 1 ? first[1] - first[0] : 1;
  for (std::size_t i = 1; i < first.size(); ++i) {
    if (first[i] - first[i - 1] != step) return nullptr;
  }
  if (!last || step == 0 || (*last - first[0]) % step != 0) return nullptr;
  const long count = (*last - first[0]) / step + 1;
  if (count < static_cast<long>(first.size()) || count > kMost) return nullptr;
  std::vector<Expr> all;
  for (long i = 0; i < count; ++i) all.push_back(number(std::to_string(first[0] + i * step)));
  return make(expr->kind, expr->text, std::move(all));
}

bool is_pair(const Expr& expr) {
  return expr->kind == Kind::tuple && expr->text == "()" && expr->children.size() == 2;
}

Expr chosen_in(const Expr& expr) {
  if (expr->kind == Kind::matrix && expr->text == "1" && expr->children.size() == 2) {
    return choices("C", expr->children[0], expr->children[1]);
  }
  if (expr->kind != Kind::product) return nullptr;
  std::vector<Expr> factors;
  for (const Expr& factor : expr->children) {
    const bool chosen = is_pair(factor) && !factors.empty() &&
                        factors.back()->kind == Kind::symbol &&
                        (factors.back()->text == "C" || factors.back()->text == "P");
    if (!chosen) {
      factors.push_back(factor);
      continue;
    }
    const std::string letter = factors.back()->text;
    factors.back() = choices(letter, factor->children[0], factor->children[1]);
  }
  return product(std::move(factors));
}

bool is_capital(const Expr& expr) {
  return expr->kind == Kind::symbol && expr->text[0] >= 'A' && expr->text[0] <= 'Z' &&
         (expr->text.size() == 1 || expr->text[1] == '_' || expr->text[1] == '\'');
}

Expr named_point(const Expr& expr) {
  const bool is_point = expr->kind == Kind::product && expr->children.size() == 2 &&
                        is_capital(expr->children[0]) && expr->children[1]->kind == Kind::tuple &&
                        expr->children[1]->text == "()";
  return is_point ? make(Kind::relation, "=", expr->children) : nullptr;
}

/// "k in Z"
bool is_condition(const Expr& expr) {
  if (expr->kind != Kind::relation || expr->text != std::string(1, sign::element)) return false;
  const Expr& set = expr->children[1];
  const bool is_number_set = (set->kind == Kind::call && set->children.empty()) ||
                             (set->kind == Kind::symbol && set->text == "Z");
  return expr->children[0]->kind == Kind::symbol && is_number_set;
}

void note_integer(const Expr& condition, std::set<std::string>& integers) {
  const std::string& set = condition->children[1]->text;
  if (set == "integers" || set == "Z") integers.insert(condition->children[0]->text);
}

/// What is left of items without the conditions among them; the integers of these are noted.
std::vector<Expr> items_without_conditions(const std::vector<Expr>& items,
                                           std::set<std::string>& integers) {
  std::vector<Expr> left;
  for (const Expr& item : items) {
    if (is_condition(item)) {
      note_integer(item, integers);
    } else {
      left.push_back(item);
    }
  }
  return left;
}

/// "k pi (k in Z)" is read as a product.
Expr without_factors_that_are_conditions(const Expr& expr, std::set<std::string>& integers) {
  if (expr->kind != Kind::product) return nullptr;
  std::vector<Expr> factors = items_without_conditions(expr->children, integers);
  const bool any = !factors.empty() && factors.size() < expr->children.size();
  return any ? product(std::move(factors)) : nullptr;
}

std::set<std::string> symbols_of(const Expr& expr) {
  std::set<std::string> names;
  contains(expr, [&](const Node& node) {
    if (node.kind == Kind::symbol) names.insert(node.text);
    return false;
  });
  return names;
}

/// The integer that is said to be one, or the only variable that the other side hasn't.
std::string own_integer(const Expr& expr, const std::set<std::string>& integers,
                        const std::set<std::string>& others) {
  if (!integers.empty()) return integers.size() == 1 ? *integers.begin() : "";
  const auto labelled = split_label(expr);
  std::set<std::string> names = symbols_of(labelled ? labelled->value : expr);
  std::erase_if(names, [&](const std::string& name) { return others.contains(name); });
  return names.size() == 1 ? *names.begin() : "";
}

}  // namespace

Expr without_ellipses(const Expr& expr) {
  return transform(expr, [](const Expr& node) {
    const Expr all = with_all_members(node);
    return all ? all : without_dots(node);
  });
}

Expr choices(std::string_view letter, Expr n, Expr k) {
  if (letter == "C") return call("binomial", {std::move(n), std::move(k)});
  Expr rest = sum({n, negative(std::move(k))});
  return quotient(call("factorial", {std::move(n)}), call("factorial", {std::move(rest)}));
}

Expr with_choices(const Expr& expr) {
  return transform(expr, chosen_in);
}

Expr with_named_points(const Expr& expr) {
  return transform(expr, named_point);
}

Expr without_conditions(const Expr& expr, std::set<std::string>& integers) {
  Expr plain = transform(
      expr, [&](const Expr& node) { return without_factors_that_are_conditions(node, integers); });
  if (plain->kind != Kind::list) return plain;
  std::vector<Expr> items = items_without_conditions(plain->children, integers);
  if (items.empty() || items.size() == plain->children.size()) return plain;
  return items.size() == 1 ? items[0] : make(Kind::list, plain->text, std::move(items));
}

Expr with_integer_of(const Expr& gold, const std::set<std::string>& integers_of_gold,
                     const Expr& answer, const std::set<std::string>& integers) {
  if (integers_of_gold.empty() && integers.empty()) return answer;
  const std::set<std::string> of_gold = symbols_of(gold), of_answer = symbols_of(answer);
  const std::string wanted = own_integer(gold, integers_of_gold, of_answer);
  const std::string name = own_integer(answer, integers, of_gold);
  if (wanted.empty() || name.empty() || of_answer.contains(wanted)) return answer;
  return transform(answer, [&](const Expr& node) {
    return node->kind == Kind::symbol && node->text == name ? symbol(wanted) : Expr();
  });
}

Expr with_constants_of(const Expr& gold, const Expr& answer) {
  const std::set<std::string> wanted = symbols_of(gold);
  return transform(answer, [&](const Expr& node) -> Expr {
    const bool is_constant = node->kind == Kind::symbol &&
                             (node->text.starts_with("C_") || node->text.starts_with("c_"));
    if (!is_constant || wanted.contains(node->text)) return nullptr;
    std::string other = node->text;
    other[0] = other[0] == 'C' ? 'c' : 'C';
    return wanted.contains(other) ? symbol(other) : nullptr;
  });
}

}  // namespace r1::grading
