#include "evaluate/each_row.h"
#include "evaluate/programs.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite leetcode() {
  return {"leetcode", "228 LeetCode problems of August 2024 to March 2025, in Python", 1,
          each_row("leetcodedataset_test.jsonl", [](const Row& row, const Sources& sources) {
            Submission submission;
            submission.seconds = 60;
            submission.test_code = row.text("test") + "\ncheck(" + row.text("entry_point") + ")\n";
            const std::string text = row.text("problem_description") + "\n\n" +
                                     ask_for_function(row.text("starter_code"), "python");
            Question question = program_question(row.text("task_id"), text, submission, sources,
                                                 row.text("prompt") + "\n");
            question.subject = row.text("difficulty");
            return question;
          })};
}

}  // namespace r1::evaluate
