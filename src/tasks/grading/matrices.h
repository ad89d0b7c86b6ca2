// Arithmetic of matrices that are written out.
#pragma once

#include "tasks/grading/expression.h"

namespace r1::grading {

/// The tree with sums and products of matrices and determinants worked out; what doesn't fit
/// together stays as it is.
Expr work_out_matrices(const Expr& expr);

}  // namespace r1::grading
