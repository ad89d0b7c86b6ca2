#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite humaneval() {
  Suite suite{"humaneval", "164 Python functions to be written (HumanEval)", 1, nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "humaneval.jsonl")) {
      const std::string prompt = row.text("prompt");
      Submission submission;
      submission.test_code = row.text("test") + "\ncheck(" + row.text("entry_point") + ")\n";
      // What the beginning imports and defines need not be repeated in the answer.
      questions.push_back(program_question(row.text("task_id"), ask_for_function(prompt, "python"),
                                           submission, sources, prompt + "\n    pass\n\n"));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
