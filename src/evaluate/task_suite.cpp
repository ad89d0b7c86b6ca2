#include "evaluate/task_suite.h"

#include <string>

#include "evaluate/final_answer.h"

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
                             const auto box = last_box(after_thinking(response));
                             return Judged{right ? 1.0 : 0.0, box ? std::string(*box) : "",
                                           right ? "right" : "not right"};
                           }});
    }
    return questions;
  };
  return suite;
}

}  // namespace r1::evaluate
