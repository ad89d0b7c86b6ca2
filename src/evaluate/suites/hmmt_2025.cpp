#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite hmmt_2025() {
  return mathematics({.name = "hmmt2025",
                      .about = "the 30 problems of HMMT February 2025",
                      .file = "hmmt_feb_2025.jsonl",
                      .samples = 64});
}

}  // namespace r1::evaluate
