// How an answer becomes something that runs: its source put together, compiled, and its command.
#pragma once

#include <string>
#include <vector>

#include "tasks/code/judge.h"
#include "tasks/code/sandbox.h"

namespace r1 {

struct Program {
  std::vector<std::string> command;
  std::string file_name, file;  // what the command needs in ../program
  std::string end_mark;         // what it prints once its test code is through; empty: no mark
  bool compiled = true;
  std::string messages;  // the compiler's, if it failed
};

/// Puts code and test code together and compiles it in the sandbox.
Program make_program(const Submission& submission, const Sandbox& sandbox);

}  // namespace r1
