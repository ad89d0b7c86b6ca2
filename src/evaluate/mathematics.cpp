#include "evaluate/mathematics.h"

#include "evaluate/each_row.h"
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
  return {set.name, set.about, set.samples,
          each_row(set.file,
                   [set](const Row& row, const Sources&) -> Question {
                     const std::string gold = row.text(set.answer);
                     return {row.text("id"), ask_for_box(row.text(set.question)), gold,
                             row.text_or(set.subject, ""),
                             [gold](std::string_view r) { return judge_mathematics(gold, r); }};
                   }),
          same_mathematics};
}

}  // namespace r1::evaluate
