#include "tasks/grading/labels.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace r1::grading {
namespace {

/// Whether the expression names something: a variable, a function's value, a product or quotient
/// of names without numbers, a tuple of names; or is a number worked out on the right.
bool is_name(const Expr& expr) {
  switch (expr->kind) {
    case Kind::symbol:
    case Kind::text:
      return true;
    case Kind::constant:
      return expr->text == "e" || expr->text == "i";
    case Kind::call:
      return expr->text != "pm" && expr->text != "mp";
    case Kind::relation:
      return true;  // of P(X = 1)
    case Kind::tuple:
    case Kind::ratio:
    case Kind::list:
    case Kind::product:
      return std::all_of(expr->children.begin(), expr->children.end(), is_name);
    case Kind::power:
      // the denominator of a quotient of names
      return is_name(expr->children[0]) && expr->children[1]->text == "-1";
    case Kind::quantity:
      return is_name(expr->children[0]);
    default:
      return false;
  }
}

/// dy/dx, and derivatives of higher order.
bool is_derivative(const Expr& expr) {
  std::size_t differentials = 0;
  contains(expr, [&](const Node& node) {
    differentials += node.kind == Kind::symbol && (node.text == "d" || node.text == "partial");
    return false;
  });
  return expr->kind == Kind::product && differentials >= 2;
}

/// Symbols other than dots: 1 + 2 + ... + 9 has none.
bool has_variables(const Expr& expr) {
  return contains(expr,
                  [](const Node& node) { return node.kind == Kind::symbol && node.text != "..."; });
}

/// 2 + 2 = 4 says 4, but 7 = a + c is an equation.
bool can_be_left_out(const Expr& label, const Expr& value) {
  const bool is_power_of_matrix = value->kind == Kind::matrix && label->kind == Kind::power &&
                                  label->children[0]->kind == Kind::symbol;
  return is_name(label) || is_derivative(label) || is_power_of_matrix ||
         (is_scalar(label) && !has_variables(label) && !has_symbols(value));
}

/// x = y = 1
bool gives_one_value_to_several(const Expr& expr) {
  return expr->kind == Kind::relation && expr->children.size() > 2 &&
         expr->children[1]->kind == Kind::symbol;
}

std::string base_name(const Expr& label) {
  const std::string text = to_text(label);
  return label->kind == Kind::symbol ? text.substr(0, text.find('_')) : text;
}

}  // namespace

std::optional<Labelled> split_label(const Expr& expr) {
  if (expr->kind != Kind::relation) return std::nullopt;
  const std::string& signs = expr->text;
  const auto& sides = expr->children;
  if (signs == std::string(1, sign::element)) {
    if (!is_name(sides[0])) return std::nullopt;
    return Labelled{sides[0], sides[1]};
  }
  if (signs == std::string(1, sign::similar)) {
    const bool is_remainder =
        sides[1]->kind == Kind::quantity && sides[1]->text.starts_with("mod ");
    const bool is_value = sides[0]->kind == Kind::symbol && is_scalar(sides[1]);  // f is 0
    if (!(is_remainder || is_value) || !is_name(sides[0])) return std::nullopt;
    return Labelled{sides[0], sides[1]};
  }
  // Values after "about" are roundings of what stands before.
  const std::size_t about = signs.find(sign::approximate);
  std::size_t last = about == std::string::npos ? sides.size() - 1 : about;
  const bool names_by_about = last == 0 && has_symbols(sides[0]) && is_name(sides[0]);
  if (names_by_about) last = 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (signs[i] != sign::equal && !(names_by_about && i == 0)) return std::nullopt;
  }
  if (last == 0) return Labelled{sides[0], sides[0]};
  if (!can_be_left_out(sides[0], sides[last])) return std::nullopt;
  return Labelled{sides[0], sides[last]};
}

bool has_different_labels(const std::vector<Expr>& items) {
  std::set<std::string> names;
  for (const Expr& item : items) {
    const auto labelled = split_label(item);
    if (!labelled) return false;
    names.insert(base_name(labelled->label));
  }
  return items.size() > 1 && names.size() == items.size();
}

void drop_common_label(std::vector<Expr>& items) {
  if (items.size() < 2) return;
  const auto first = split_label(items[0]);
  if (!first || std::any_of(items.begin(), items.end(), gives_one_value_to_several)) return;
  const std::string name = to_text(first->label);
  std::vector<Expr> values{first->value};
  std::size_t labelled = 0;
  for (std::size_t i = 1; i < items.size(); ++i) {
    const auto next = split_label(items[i]);
    if (next && to_text(next->label) != name) return;
    labelled += next ? 1 : 0;
    values.push_back(next ? next->value : items[i]);
  }
  if (labelled == 0 || labelled + 1 == items.size()) items = std::move(values);
}

}  // namespace r1::grading
