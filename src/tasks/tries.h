// Thoughts that try at random: what R1-Zero's base may learn from, as nothing in them was chosen
// for being right.
#pragma once

#include <string>

#include "base/random.h"
#include "tasks/task.h"

namespace r1::tasks {

struct Tries {
  std::string thoughts;  // a try a line: "11-6=5, 5*3=15"
  std::string answer;    // one of them, no better than another: "(11-6)*3"
};

/// Whether there are tries of a task: of countdown alone.
bool has_tries(const Task& task);
/// 2 to 16 tries of a countdown's instance. Their arithmetic is right, and their values are natural
/// numbers; a third leaves out a number. Whether one hits the target shows in nothing but its
/// value.
Tries random_tries(Random& random, const Instance& countdown);

}  // namespace r1::tasks
