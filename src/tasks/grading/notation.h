// Ways of writing that are replaced by what they mean before answers are compared.
#pragma once

#include "tasks/grading/expression.h"

namespace r1::grading {

/// Sums and products of a sequence that is written with dots, a_1 + a_2 + ... + a_n, named by their
/// first and last member, whichever of the two comes first.
Expr without_ellipses(const Expr& expr);
/// A list without the items that only say what kind of number a variable is: "k pi, k in Z".
Expr without_conditions(const Expr& expr);

}  // namespace r1::grading
