// "Plus or minus" and what it stands for.
#pragma once

#include <vector>

#include "tasks/grading/expression.h"

namespace r1::grading {

bool is_either_sign(const Node& node);
/// The expression with each choice of its signs; itself where there are none, or too many to try.
std::vector<Expr> with_each_sign(const Expr& expr);

}  // namespace r1::grading
