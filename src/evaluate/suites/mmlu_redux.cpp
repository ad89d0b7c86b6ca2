#include "evaluate/multiple_choice.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mmlu_redux() {
  Suite suite{"mmlu-redux", "MMLU-Redux 2.0: 5,432 questions of MMLU with checked answers", 1,
              nullptr, same_letter};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "mmlu_redux.jsonl")) {
      if (!row.has("answer_redux")) continue;  // the question itself is faulty
      questions.push_back(
          multiple_choice(row.text("id"), row.text("question"), row.texts("choices"),
                          letter_index(row.text("answer_redux")), row.text("subject")));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
