// The judge of programs: verdicts on answers that are Python or C++, as contests give them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/code/sandbox.h"

namespace r1 {

enum class Language { python, cpp };

struct ProgramTest {
  std::string input, output;  // stdin and the stdout that it should give
};

/// An answer and what it is held against: `tests`, or `test_code` that is appended to `code` and
/// fails by ending with a status other than 0 (assertions). Without both the program only runs.
struct Submission {
  Language language = Language::python;
  std::string code;
  std::vector<ProgramTest> tests;
  std::string test_code;
  double seconds = 10;                          // a test
  std::int64_t memory = std::int64_t{1} << 30;  // bytes
};

enum class Verdict {
  accepted,
  wrong_answer,
  time_limit,
  memory_limit,
  runtime_error,
  compile_error,
};
/// "accepted", "wrong answer" ...
std::string_view name_of(Verdict verdict);

struct Judgement {
  Verdict verdict = Verdict::accepted;
  std::int64_t passed = 0, total = 0;  // tests; the first that fails is the last that runs
  std::string errors;                  // the end of stderr, or what the compiler said
  double seconds = 0;                  // of the longest test
  std::int64_t peak_memory = 0;        // bytes
};

/// Compiles and runs a program as Python 3 or C++20. An answer that ends the program before the
/// test code could is not accepted, whatever its status. Throws Error only if the sandbox itself
/// fails.
Judgement judge_program(const Submission& submission, const Sandbox& sandbox);

}  // namespace r1
