#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite humaneval() {
  return {"humaneval", "164 Python functions to be written (HumanEval)", 1,
          each_row("humaneval.jsonl", [](const Row& row, const Sources& sources) {
            const std::string prompt = row.text("prompt");
            Submission submission;
            submission.test_code = row.text("test") + "\ncheck(" + row.text("entry_point") + ")\n";
            // What the beginning imports and defines need not be repeated in the answer.
            return program_question(row.text("task_id"), ask_for_function(prompt, "python"),
                                    submission, sources, prompt + "\n    pass\n\n");
          })};
}

}  // namespace r1::evaluate
