#include "evaluate/mathematics.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite minerva() {
  return mathematics({.name = "minerva",
                      .about = "272 questions of science courses (OCWCourses)",
                      .file = "minerva_math.jsonl",
                      .samples = 4,
                      .subject = "course"});
}

}  // namespace r1::evaluate
