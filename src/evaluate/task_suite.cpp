#include "evaluate/task_suite.h"

#include <string>

#include "tasks/answers.h"

namespace r1::evaluate {

Suite task_suite(const tasks::Task& task, tasks::Split split, std::uint64_t seed,
                 std::int64_t count) {
  Suite suite{task.name, task.about, 1, nullptr};
  suite.load = [task, split, seed, count](const Sources&) {
    std::vector<Question> questions;
    for (std::int64_t i = 0; i < count; ++i) {
      const tasks::Instance instance = draw(task, split, seed, static_cast<std::uint64_t>(i));
      questions.push_back({task.name + "_" + std::to_string(i), instance.question, instance.answer,
                           "", [task, answer = instance.answer](std::string_view response) {
                             const bool right = verify(task, answer, response).correct;
                             return Judged{right ? 1.0 : 0.0, tasks::final_answer(response),
                                           right ? "right" : "not right"};
                           }});
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
