// Whether two answers say the same: values, collections, relations, sets, matrices, quantities.
#pragma once

#include "tasks/grading/expression.h"

namespace r1::grading {

/// Conventions: a label ("x =", "x in") may be left out on one side, a unit likewise, but where
/// both sides have one they must agree; bare lists and sets have no order, tuples have one; what
/// can't be proven equal isn't.
bool say_the_same(const Expr& gold, const Expr& answer);

}  // namespace r1::grading
