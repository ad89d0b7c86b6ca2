#include "tasks/grading/equality.h"

#include "tasks/grading/balls.h"
#include "tasks/grading/field.h"

namespace r1::grading {
namespace {

constexpr int kSamples = 4;

/// Whether the difference is proven not to be zero, in the reals, for some values of the variables.
bool is_refuted(const Expr& difference, bool decimal_log) {
  for (int sample = 0; sample < kSamples; ++sample) {
    Assignment variables(sample);
    bool left_reals = false;
    const Ball value = evaluate(difference, variables, decimal_log, 192, left_reals);
    const bool has_variables = has_symbols(difference);
    if (value.is_finite() && !value.may_be_zero() && (!left_reals || !has_variables)) return true;
    if (!has_variables) return false;
  }
  return false;
}

Verdict compare_with(const Expr& difference, Field::Logarithm base) {
  try {
    if (is_refuted(difference, base == Field::Logarithm::decimal)) return Verdict::different;
    return Field(base).proves_zero(difference) ? Verdict::equal : Verdict::undecided;
  } catch (const Undecided&) {
    return Verdict::undecided;
  } catch (const NoValue&) {
    return Verdict::undecided;
  }
}

bool has_bare_logarithm(const Expr& expr) {
  return contains(expr, [](const Node& node) {
    return node.kind == Kind::call && node.text == "log" && node.children.size() == 1;
  });
}

bool has_infinity(const Expr& expr) {
  return contains(expr, [](const Node& node) {
    return node.kind == Kind::constant && node.text == "infinity";
  });
}

}  // namespace

Verdict compare_values(const Expr& a, const Expr& b) {
  if (!is_scalar(a) || !is_scalar(b)) return Verdict::undecided;
  if (has_infinity(a) || has_infinity(b)) {
    const int first = infinity_sign(a), second = infinity_sign(b);
    if (first != 0 && first == second) return Verdict::equal;
    // A sum up to infinity may have any value.
    const bool known = (first != 0 || !has_infinity(a)) && (second != 0 || !has_infinity(b));
    return known ? Verdict::different : Verdict::undecided;
  }
  const Expr difference = sum({a, negative(b)});
  const Verdict natural = compare_with(difference, Field::Logarithm::natural);
  if (natural == Verdict::equal || !has_bare_logarithm(difference)) return natural;
  return compare_with(difference, Field::Logarithm::decimal);
}

bool are_equal(const Expr& a, const Expr& b) {
  return compare_values(a, b) == Verdict::equal;
}

bool are_proportional(const Expr& a, const Expr& b) {
  if (!is_scalar(a) || !is_scalar(b)) return false;
  try {
    return Field(Field::Logarithm::natural).proves_proportional(a, b);
  } catch (const Undecided&) {
    return false;
  } catch (const NoValue&) {
    return false;
  }
}

int sign_of_ratio(const Expr& a, const Expr& b) {
  if (!is_scalar(a) || !is_scalar(b)) return 0;
  try {
    return Field(Field::Logarithm::natural).sign_of_constant(quotient(a, b));
  } catch (const Undecided&) {
    return 0;
  } catch (const NoValue&) {
    return 0;
  }
}

}  // namespace r1::grading
