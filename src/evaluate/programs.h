// Suites whose answers are programs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/rows.h"
#include "evaluate/suite.h"
#include "tasks/code/judge.h"

namespace r1::evaluate {

/// A question answered by a program in the last fenced block of the response; `submit` says what is
/// made of that code, and what it is held against.
Question program_question(const std::string& id, const std::string& text, Language language,
                          std::function<Submission(std::string_view code)> submit,
                          const Sources& sources);
/// The same where `held_against` is the submission but for the code, to which `before` is
/// prepended.
Question program_question(const std::string& id, const std::string& text, Submission held_against,
                          const Sources& sources, const std::string& before = {});

/// The row's "tests": what a program reads, and what it has to print.
std::vector<ProgramTest> input_output_tests(const Row& row);

/// Asks for a whole program that reads standard input.
std::string ask_for_program(const std::string& problem);
/// Asks for a function, whose beginning is given.
std::string ask_for_function(const std::string& beginning, const std::string& language);

}  // namespace r1::evaluate
