// A user's own reward: a program that reads and answers JSON lines.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/child_process.h"
#include "tasks/task.h"

namespace r1::tasks {

/// Runs `command` by the shell and keeps it running. For each response it reads a line
///   {"task":..,"question":..,"answer":..,"response":..,"difficulty":..}
/// and must answer with a line {"reward": number} within the time limit. One that dies, hangs or
/// answers something else is started again once for the same response.
class RewardCommand {
 public:
  RewardCommand(std::string command, std::chrono::duration<double> time_limit);
  /// Throws Error where the second try fails too.
  double reward(const Task& task, const Instance& instance, std::string_view response);

 private:
  double ask(const std::string& line);

  std::string command_;
  std::chrono::duration<double> time_limit_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace r1::tasks
