// What stands behind a weight that learns.
#pragma once

#include <cstdint>

#include "base/tensor.h"

namespace r1 {

/// The floats behind a weight that learns, of which the multiplied weight is a (rounded) copy.
struct Learned {
  Tensor parameter;            // undefined: the weight is frozen
  std::int64_t first_row = 0;  // the weight is a part of the parameter from this row on
  bool transposed = false;     // the parameter's rows are the weight's columns
};

}  // namespace r1
