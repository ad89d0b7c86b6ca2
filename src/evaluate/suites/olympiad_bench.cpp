#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite olympiad_bench() {
  return mathematics({.name = "olympiadbench",
                      .about = "675 English problems of mathematical olympiads",
                      .file = "olympiadbench_math_en.jsonl",
                      .samples = 4,
                      .subject = "subfield"});
}

}  // namespace r1::evaluate
