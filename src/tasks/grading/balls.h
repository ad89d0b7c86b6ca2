// Expressions evaluated in ball arithmetic: what proves two values different, and orders them.
#pragma once

#include <map>
#include <string>

#include "tasks/grading/expression.h"
#include "tasks/grading/flint.h"

namespace r1::grading {

/// Values of variables; every name has one.
class Assignment {
 public:
  /// The sample's number: variables get other positive values in each.
  explicit Assignment(int sample) : sample_(sample) {}
  Rational value(const std::string& variable);

 private:
  int sample_;
  std::map<std::string, Rational> values_;
};

/// A ball with the expression's value in it; an unknown one where there is no value or no rule.
/// `decimal_log`: \log without a base is to base 10. Sets `left_reals` when an even root or a
/// logarithm of a number that isn't positive was met on the way.
Ball evaluate(const Expr& expr, Assignment& variables, bool decimal_log, slong precision,
              bool& left_reals);

/// Of two real constants: -1, 0 (can't be told) or 1.
int compare_reals(const Expr& a, const Expr& b);

}  // namespace r1::grading
