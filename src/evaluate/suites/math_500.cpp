#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite math_500() {
  return mathematics(
      {.name = "math500", .about = "500 problems of MATH", .file = "math500.jsonl", .samples = 16});
}

}  // namespace r1::evaluate
