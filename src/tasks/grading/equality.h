// Whether two scalar expressions have the same value: refuted by ball arithmetic or proven exactly.
#pragma once

#include "tasks/grading/expression.h"

namespace r1::grading {

enum class Verdict { equal, different, undecided };

/// Undecided where neither is proven within the bounds of work.
Verdict compare_values(const Expr& a, const Expr& b);
bool are_equal(const Expr& a, const Expr& b);
/// Whether a = 0 and b = 0 say the same: one is the other times a constant, denominators cleared.
bool are_proportional(const Expr& a, const Expr& b);
/// The sign of a / b if that is a real constant, else 0.
int sign_of_ratio(const Expr& a, const Expr& b);

}  // namespace r1::grading
