// The project's own tasks as suites.
#pragma once

#include <cstdint>

#include "evaluate/suite.h"
#include "tasks/task.h"

namespace r1::evaluate {

/// Questions 0 ... count - 1 of a side of a task under a seed, judged by its own verifier.
Suite task_suite(const tasks::Task& task, tasks::Split split, std::uint64_t seed,
                 std::int64_t count);

}  // namespace r1::evaluate
