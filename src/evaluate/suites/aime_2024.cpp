#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite aime_2024() {
  return mathematics({.name = "aime2024",
                      .about = "the 30 problems of AIME I and II 2024",
                      .file = "aime_2024.jsonl",
                      .samples = 64});
}

}  // namespace r1::evaluate
