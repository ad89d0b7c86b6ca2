#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite gsm8k() {
  return mathematics({.name = "gsm8k",
                      .about = "the 1,319 test questions of GSM8K",
                      .file = "gsm8k_test.jsonl",
                      .samples = 1});
}

}  // namespace r1::evaluate
