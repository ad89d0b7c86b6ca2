#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite olym_math() {
  return mathematics({.name = "olymmath",
                      .about = "OlymMATH in English, 100 easier and 100 harder problems",
                      .file = "olymmath_en.jsonl",
                      .samples = 16,
                      .subject = "level"});
}

}  // namespace r1::evaluate
