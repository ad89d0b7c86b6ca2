#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite humaneval_cpp() {
  return {"humaneval-cpp", "164 C++ functions to be written (HumanEval-X)", 1,
          each_row("humanevalx_cpp.jsonl", [](const Row& row, const Sources& sources) {
            Submission submission;
            submission.language = Language::cpp;
            submission.test_code = row.text("test");
            return program_question(row.text("task_id"),
                                    ask_for_function(row.text("prompt"), "cpp"), submission,
                                    sources, "#include <bits/stdc++.h>\nusing namespace std;\n");
          })};
}

}  // namespace r1::evaluate
