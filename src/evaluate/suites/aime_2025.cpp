#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite aime_2025() {
  return mathematics({.name = "aime2025",
                      .about = "the 30 problems of AIME I and II 2025",
                      .file = "aime_2025.jsonl",
                      .samples = 64});
}

}  // namespace r1::evaluate
