#include <algorithm>

#include "base/error.h"
#include "tasks/kinds/kinds.h"

namespace r1::tasks {
namespace {

const std::vector<Task>& generated_tasks() {
  static const std::vector<Task> tasks = {
#define R1_MAKE_TASK(name) name(),
      R1_TASKS(R1_MAKE_TASK)
#undef R1_MAKE_TASK
  };
  return tasks;
}

}  // namespace

Task find_task(const std::string& name, const std::filesystem::path& data) {
  const std::vector<Task>& tasks = generated_tasks();
  const auto found =
      std::find_if(tasks.begin(), tasks.end(), [&](const Task& task) { return task.name == name; });
  if (found != tasks.end()) return *found;
  if (name == "declining") return declining();
  if (name == "gsm8k") return gsm8k(data);
  throw Error("task " + name, "there is no such task", "r1 tasks --list shows them");
}

std::vector<Task> find_tasks(const std::string& names, const std::filesystem::path& data) {
  std::vector<Task> tasks;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    begin = end + 1;
    if (name == "all") {
      tasks.insert(tasks.end(), generated_tasks().begin(), generated_tasks().end());
    } else {
      tasks.push_back(find_task(name, data));
    }
  }
  return tasks;
}

}  // namespace r1::tasks
