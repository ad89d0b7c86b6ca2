#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite amc_2023() {
  return mathematics({.name = "amc2023",
                      .about = "40 problems of AMC 12 2023, with free answers",
                      .file = "amc_2023.jsonl",
                      .samples = 16});
}

}  // namespace r1::evaluate
