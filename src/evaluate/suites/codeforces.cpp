#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite codeforces() {
  Suite suite{"codeforces", "408 Codeforces problems against their sample tests", 16, nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "codeforces_test.jsonl")) {
      Submission submission;
      // Limits are set for C++; Python gets what contests give it.
      submission.seconds = 5 * row.number_or("time_limit_ms", 2000) / 1000;
      submission.memory = static_cast<std::int64_t>(row.number_or("memory_limit_mb", 256) * 2)
                          << 20;
      for (const Row& test : row.rows("tests")) {
        submission.tests.push_back({test.text("input"), test.text("output")});
      }
      questions.push_back(program_question(row.text("id"), ask_for_program(row.text("problem")),
                                           submission, sources));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
