// The tree of what an answer says, before anything is known of its value.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1::grading {

enum class Kind {
  number,    // text: an exact rational, "-17" or "22/7"
  constant,  // text: "pi", "e", "i", "infinity", "degree"
  symbol,    // text: a variable's name with its subscript and primes, "x_1"
  text,      // text: words, in lower case with single spaces
  sum,
  product,
  power,     // base, exponent
  call,      // text: the function's name; arguments
  tuple,     // text: its two brackets, "()", "[)"; ordered
  list,      // text: what separates, ",", ";", "and", "or"; bare, without brackets
  set,       // text: empty; unordered
  builder,   // element, condition
  relation,  // text: a sign between each two children (see Sign)
  ratio,     // a : b : c
  matrix,    // text: number of columns; cells, row after row
  quantity,  // text: its unit; value
};

/// The signs in a relation's text, a character each.
namespace sign {
inline constexpr char equal = '=', less = '<', less_equal = 'l', greater = '>', greater_equal = 'g',
                      not_equal = '!', element = 'e', approximate = '~', similar = 's';
}

struct Node;
using Expr = std::shared_ptr<const Node>;

struct Node {
  Kind kind;
  std::string text;
  std::vector<Expr> children;
};

Expr make(Kind kind, std::string text, std::vector<Expr> children = {});
Expr number(std::string text);
Expr constant(std::string_view name);
Expr symbol(std::string name);
/// Sums and products take in the terms and factors of their parts; one part stays as it is.
Expr sum(std::vector<Expr> terms);
Expr product(std::vector<Expr> factors);
Expr power(Expr base, Expr exponent);
Expr negative(Expr value);
Expr quotient(Expr numerator, Expr denominator);
Expr call(std::string function, std::vector<Expr> arguments);

bool is_call(const Expr& expr, std::string_view function);
bool is_constant(const Expr& expr, std::string_view name);
/// +infinity 1, -infinity -1, else 0.
int infinity_sign(const Expr& expr);
/// Whether a node for which `test` holds is in the tree.
template <typename Test>
bool contains(const Expr& expr, const Test& test) {
  if (test(*expr)) return true;
  for (const Expr& child : expr->children) {
    if (contains(child, test)) return true;
  }
  return false;
}
bool has_symbols(const Expr& expr);
/// Number, symbol, sum, product, power or call: what has a single value.
bool is_scalar(const Expr& expr);
/// A text that is the same for trees that are the same.
std::string to_text(const Expr& expr);
/// The tree with every node replaced by what `change` makes of it (its children are already
/// changed); nodes for which it gives nothing stay.
template <typename Change>
Expr transform(const Expr& expr, const Change& change) {
  std::vector<Expr> children;
  bool changed = false;
  children.reserve(expr->children.size());
  for (const Expr& child : expr->children) {
    children.push_back(transform(child, change));
    changed = changed || children.back() != child;
  }
  const Expr rebuilt = changed ? make(expr->kind, expr->text, std::move(children)) : expr;
  const Expr replaced = change(rebuilt);
  return replaced ? replaced : rebuilt;
}

}  // namespace r1::grading
