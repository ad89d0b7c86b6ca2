#include "evaluate/programs.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite leetcode() {
  Suite suite{"leetcode", "228 LeetCode problems of August 2024 to March 2025, in Python", 1,
              nullptr};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "leetcodedataset_test.jsonl")) {
      Submission submission;
      submission.seconds = 60;
      submission.test_code = row.text("test") + "\ncheck(" + row.text("entry_point") + ")\n";
      questions.push_back(program_question(row.text("task_id"),
                                           row.text("problem_description") + "\n\n" +
                                               ask_for_function(row.text("starter_code"), "python"),
                                           submission, sources, row.text("prompt") + "\n"));
      questions.back().subject = row.text("difficulty");
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
