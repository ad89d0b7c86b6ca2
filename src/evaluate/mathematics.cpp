#include "evaluate/mathematics.h"

#include "evaluate/rows.h"
#include "tasks/grading/grade.h"

namespace r1::evaluate {

std::string ask_for_box(const std::string& question) {
  return question + "\nPlease reason step by step, and put your final answer within \\boxed{}.";
}

Judged judge_mathematics(const std::string& gold, std::string_view response) {
  const Grade grade = grade_answer(gold, response);
  return {grade.equal ? 1.0 : 0.0, grade.extracted, grade.reason};
}

bool same_mathematics(const std::string& a, const std::string& b) {
  return a == b || grade_answer(a, b).equal;
}

Suite mathematics(const MathematicsSet& set) {
  Suite suite{set.name, set.about, set.samples, nullptr, same_mathematics};
  suite.load = [set](const Sources& sources) {
    std::vector<Question> questions;
    for (const Row& row : read_rows(sources.data, set.file)) {
      const std::string gold = row.text(set.answer);
      questions.push_back({row.text("id"), ask_for_box(row.text(set.question)), gold,
                           row.text_or(set.subject, ""),
                           [gold](std::string_view r) { return judge_mathematics(gold, r); }});
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
