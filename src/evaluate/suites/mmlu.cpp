#include <functional>

#include "evaluate/each_row.h"
#include "evaluate/multiple_choice.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mmlu() {
  return {"mmlu", "the 14,042 test questions of MMLU", 1,
          each_row("mmlu_test.jsonl",
                   [](const Row& row, const Sources&) {
                     return multiple_choice(row.text("id"), row.text("question"),
                                            row.texts("choices"), letter_index(row.text("answer")),
                                            row.text("subject"));
                   }),
          std::equal_to<std::string>()};
}

}  // namespace r1::evaluate
