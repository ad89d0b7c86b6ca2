#include "tasks/reward_command.h"

#include <cmath>

#include "base/error.h"
#include "formats/json.h"

namespace r1::tasks {

RewardCommand::RewardCommand(std::string command, std::chrono::duration<double> time_limit)
    : command_(std::move(command)), time_limit_(time_limit) {}

double RewardCommand::reward(const Task& task, const Instance& instance,
                             std::string_view response) {
  const nlohmann::ordered_json request = {{"task", task.name},
                                          {"question", instance.question},
                                          {"answer", instance.answer},
                                          {"response", std::string(response)},
                                          {"difficulty", instance.difficulty}};
  const std::string line = json_text(request) + "\n";
  try {
    return ask(line);
  } catch (const Error&) {
    child_.reset();
    return ask(line);
  }
}

double RewardCommand::ask(const std::string& line) {
  const std::string where = "reward command " + command_;
  if (!child_) child_ = std::make_unique<ChildProcess>(command_);
  std::string answer;
  const auto deadline =
      std::chrono::steady_clock::now() +
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(time_limit_);
  switch (child_->exchange(line, answer, deadline)) {
    case ChildProcess::Outcome::done:
      break;
    case ChildProcess::Outcome::closed:
      throw Error(where, "it ended without an answer, twice for the same response",
                  "it must answer each line of its input with a line {\"reward\": number}");
    case ChildProcess::Outcome::late:
      throw Error(where,
                  "it gave no answer within " + std::to_string(time_limit_.count()) +
                      " seconds, twice for the same response",
                  "make it flush each line it writes, or raise the time limit");
    case ChildProcess::Outcome::too_long:
      throw Error(where, "its answer is no line of less than a megabyte");
  }
  const nlohmann::json parsed = parse_json(answer, where);
  const auto value = parsed.is_object() ? parsed.find("reward") : parsed.end();
  if (value == parsed.end() || !value->is_number() || !std::isfinite(value->get<double>())) {
    throw Error(where, "its answer has no number \"reward\": " + answer.substr(0, 200),
                "it must answer each line of its input with a line {\"reward\": number}");
  }
  return value->get<double>();
}

}  // namespace r1::tasks
