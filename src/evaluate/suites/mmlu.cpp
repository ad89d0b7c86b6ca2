#include "evaluate/multiple_choice.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mmlu() {
  Suite suite{"mmlu", "the 14,042 test questions of MMLU", 1, nullptr, same_letter};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, "mmlu_test.jsonl")) {
      questions.push_back(multiple_choice(row.text("id"), row.text("question"),
                                          row.texts("choices"), letter_index(row.text("answer")),
                                          row.text("subject")));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
