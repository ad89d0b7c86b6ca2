// Ways of writing that are replaced by what they mean before answers are compared.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "tasks/grading/expression.h"

namespace r1::grading {

/// Sums and products of a sequence that is written with dots, a_1 + a_2 + ... + a_n, named by their
/// first and last member, whichever of the two comes first; numbers 1, 2, ..., 9 written out.
Expr without_ellipses(const Expr& expr);
/// How many ways there are to choose k of n: in any order ("C"), else in order.
Expr choices(std::string_view letter, Expr n, Expr k);
/// C(5, 2), P(5, 2) and columns of two within a formula as numbers of choices.
Expr with_choices(const Expr& expr);
/// A(1, 2), the point that is called A, as A = (1, 2).
Expr with_named_points(const Expr& expr);
/// Without what only says what kind of number a variable is: "k pi, k in Z", "k pi (k in Z)".
/// Adds the variables that are integers to `integers`.
Expr without_conditions(const Expr& expr, std::set<std::string>& integers);
/// The answer with its integer called as in the gold answer, where each has one of its own.
Expr with_integer_of(const Expr& gold, const std::set<std::string>& integers_of_gold,
                     const Expr& answer, const std::set<std::string>& integers);
/// The answer with its constants c_1, c_2 ... as large or small as the gold answer's.
Expr with_constants_of(const Expr& gold, const Expr& answer);

}  // namespace r1::grading
