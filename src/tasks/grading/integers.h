// The factors of an integer.
#pragma once

#include <vector>

#include "tasks/grading/flint.h"

namespace r1::grading {

struct PrimePower {
  Integer prime;
  Integer exponent;
};

/// The factors of a positive integer; a large part without small factors stays whole.
std::vector<PrimePower> factors_of(const fmpz* value);

}  // namespace r1::grading
