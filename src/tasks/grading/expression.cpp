#include "tasks/grading/expression.h"

#include <utility>

namespace r1::grading {

Expr make(Kind kind, std::string text, std::vector<Expr> children) {
  return std::make_shared<const Node>(Node{kind, std::move(text), std::move(children)});
}

Expr number(std::string text) {
  return make(Kind::number, std::move(text));
}

Expr constant(std::string_view name) {
  return make(Kind::constant, std::string(name));
}

Expr symbol(std::string name) {
  return make(Kind::symbol, std::move(name));
}

namespace {

Expr joined(Kind kind, std::vector<Expr> parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<Expr> flat;
  for (Expr& part : parts) {
    if (part->kind == kind) {
      flat.insert(flat.end(), part->children.begin(), part->children.end());
    } else {
      flat.push_back(std::move(part));
    }
  }
  return make(kind, "", std::move(flat));
}

}  // namespace

Expr sum(std::vector<Expr> terms) {
  return joined(Kind::sum, std::move(terms));
}

Expr product(std::vector<Expr> factors) {
  return joined(Kind::product, std::move(factors));
}

Expr power(Expr base, Expr exponent) {
  return make(Kind::power, "", {std::move(base), std::move(exponent)});
}

Expr negative(Expr value) {
  if (value->kind == Kind::number) {
    const std::string& digits = value->text;
    return number(digits[0] == '-' ? digits.substr(1) : "-" + digits);
  }
  return product({number("-1"), std::move(value)});
}

Expr quotient(Expr numerator, Expr denominator) {
  return product({std::move(numerator), power(std::move(denominator), number("-1"))});
}

Expr call(std::string function, std::vector<Expr> arguments) {
  return make(Kind::call, std::move(function), std::move(arguments));
}

bool is_call(const Expr& expr, std::string_view function) {
  return expr->kind == Kind::call && expr->text == function;
}

bool is_constant(const Expr& expr, std::string_view name) {
  return expr->kind == Kind::constant && expr->text == name;
}

int infinity_sign(const Expr& expr) {
  if (is_constant(expr, "infinity")) return 1;
  const bool negated = expr->kind == Kind::product && expr->children.size() == 2 &&
                       expr->children[0]->kind == Kind::number && expr->children[0]->text == "-1" &&
                       is_constant(expr->children[1], "infinity");
  return negated ? -1 : 0;
}

bool has_symbols(const Expr& expr) {
  return contains(expr, [](const Node& node) { return node.kind == Kind::symbol; });
}

bool is_scalar(const Expr& expr) {
  switch (expr->kind) {
    case Kind::number:
    case Kind::constant:
    case Kind::symbol:
      return true;
    case Kind::sum:
    case Kind::product:
    case Kind::power:
    case Kind::call:
      for (const Expr& child : expr->children) {
        if (!is_scalar(child)) return false;
      }
      return true;
    default:
      return false;
  }
}

std::string to_text(const Expr& expr) {
  constexpr const char* kNames[] = {"",     "#",     "",        "text", "+",   "*",
                                    "^",    "call",  "tuple",   "list", "set", "builder",
                                    "rel ", "ratio", "matrix ", "unit "};
  std::string text = kNames[static_cast<int>(expr->kind)] + expr->text;
  if (expr->children.empty()) return text;
  text += "(";
  for (const Expr& child : expr->children) {
    if (text.back() != '(') text += ", ";
    text += to_text(child);
  }
  return text + ")";
}

}  // namespace r1::grading
