// All kinds of tasks, each in the file of its name.
#pragma once

#include <filesystem>

#include "tasks/task.h"

// A new task is a line here.
#define R1_TASKS(TASK)      \
  TASK(countdown)           \
  TASK(arithmetic_chains)   \
  TASK(long_addition)       \
  TASK(long_multiplication) \
  TASK(division)            \
  TASK(fractions)           \
  TASK(linear_equations)    \
  TASK(gcd_lcm)             \
  TASK(base_conversion)     \
  TASK(number_sequences)    \
  TASK(counting_letters)    \
  TASK(sorting)             \
  TASK(dates)               \
  TASK(weekdays)            \
  TASK(units)               \
  TASK(word_problems)       \
  TASK(knights_and_knaves)  \
  TASK(small_sudoku)        \
  TASK(propositional_logic) \
  TASK(prime_factors)       \
  TASK(set_operations)      \
  TASK(comparing_decimals)  \
  TASK(spelling_backwards)

namespace r1::tasks {

#define R1_DECLARE_TASK(name) Task name();
R1_TASKS(R1_DECLARE_TASK)
#undef R1_DECLARE_TASK

/// What is none of the tasks, and to be declined politely; no part of "all".
Task declining();

/// Tasks made of files: grade school mathematics, in `folder`.
Task gsm8k(const std::filesystem::path& folder);

}  // namespace r1::tasks
