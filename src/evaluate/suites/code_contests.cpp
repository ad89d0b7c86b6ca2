#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite code_contests() {
  Suite suite{"codecontests", "165 problems of programming contests (AlphaCode's test set)", 1,
              nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "code_contests_test.jsonl")) {
      Submission submission;
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
