#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mbpp() {
  Suite suite{"mbpp", "the 500 test problems of MBPP, Python functions", 1, nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "mbpp.jsonl")) {
      if (row.text("split") != "test") continue;
      std::string tests;
      for (const std::string& test : row.texts("test_list")) tests += test + "\n";
      Submission submission;
      submission.test_code = row.text_or("test_setup_code", "") + "\n" + tests;
      questions.push_back(program_question("mbpp_" + row.text("task_id"),
                                           row.text("prompt") +
                                               " Your code should pass these tests:\n\n" + tests +
                                               "\nPut the whole Python code in one fenced block.",
                                           submission, sources));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
