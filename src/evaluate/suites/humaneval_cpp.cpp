#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite humaneval_cpp() {
  Suite suite{"humaneval-cpp", "164 C++ functions to be written (HumanEval-X)", 1, nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "humanevalx_cpp.jsonl")) {
      Submission submission;
      submission.language = Language::cpp;
      submission.test_code = row.text("test");
      questions.push_back(program_question(
          row.text("task_id"), ask_for_function(row.text("prompt"), "cpp"), submission, sources,
          "#include <bits/stdc++.h>\nusing namespace std;\n"));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
