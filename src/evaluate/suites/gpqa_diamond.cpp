#include <algorithm>
#include <cstddef>
#include <functional>

#include "evaluate/multiple_choice.h"
#include "evaluate/rows.h"
#include "evaluate/suites/suites.h"

namespace r1::evaluate {

Suite gpqa_diamond() {
  Suite suite{"gpqa", "GPQA Diamond: 198 questions of sciences, from your own gpqa_diamond.csv", 64,
              nullptr, std::equal_to<std::string>()};
  suite.load = [](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_table(sources.data, "gpqa_diamond.csv")) {
      std::vector<std::string> choices = {
          row.text("Correct Answer"), row.text("Incorrect Answer 1"),
          row.text("Incorrect Answer 2"), row.text("Incorrect Answer 3")};
      // The right one stands where the question's number says, the same in every run.
      const std::size_t right = 3 * questions.size() % 4;
      std::rotate(choices.begin(), choices.end() - static_cast<std::ptrdiff_t>(right),
                  choices.end());
      const std::string id = row.text_or("Record ID", "gpqa_" + std::to_string(questions.size()));
      questions.push_back(multiple_choice(id, row.text("Question"), choices, right,
                                          row.text_or("High-level domain", "")));
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
