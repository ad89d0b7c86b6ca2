#include <functional>

#include "evaluate/each_row.h"
#include "evaluate/multiple_choice.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite mmlu_redux() {
  return {"mmlu-redux", "MMLU-Redux 2.0: 5,432 questions of MMLU with checked answers", 1,
          each_row("mmlu_redux.jsonl",
                   [](const Row& row, const Sources&) -> std::optional<Question> {
                     // Of a faulty question there is none.
                     if (!row.has("answer_redux")) return std::nullopt;
                     return multiple_choice(
                         row.text("id"), row.text("question"), row.texts("choices"),
                         letter_index(row.text("answer_redux")), row.text("subject"));
                   }),
          std::equal_to<std::string>()};
}

}  // namespace r1::evaluate
