#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite code_contests() {
  return {"codecontests", "165 problems of programming contests (AlphaCode's test set)", 1,
          each_row("code_contests_test.jsonl", [](const Row& row, const Sources& sources) {
            Submission submission;
            submission.tests = input_output_tests(row);
            return program_question(row.text("id"), ask_for_program(row.text("problem")),
                                    submission, sources);
          })};
}

}  // namespace r1::evaluate
