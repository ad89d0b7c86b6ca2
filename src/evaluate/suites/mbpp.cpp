#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mbpp() {
  return {
      "mbpp", "the 500 test problems of MBPP, Python functions", 1,
      each_row("mbpp.jsonl", [](const Row& row, const Sources& sources) -> std::optional<Question> {
        if (row.text("split") != "test") return std::nullopt;
        std::string tests;
        for (const std::string& test : row.texts("test_list")) tests += test + "\n";
        Submission submission;
        submission.test_code = row.text_or("test_setup_code", "") + "\n" + tests;
        return program_question("mbpp_" + row.text("task_id"),
                                row.text("prompt") + " Your code should pass these tests:\n\n" +
                                    tests + "\nPut the whole Python code in one fenced block.",
                                submission, sources);
      })};
}

}  // namespace r1::evaluate
