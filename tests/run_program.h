// Runs the built program as a user would.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {

struct ProgramResult {
  int status;  // the exit status, -1 if it was killed
  std::string output, errors;
};

/// `arguments` as written in a shell; `input` goes to stdin; `environment` is set before, as
/// "NAME=value".
inline ProgramResult run_program(const std::string& arguments, const std::string& input = {},
                                 const std::string& environment = {}) {
  const TemporaryFolder folder;
  write_file(folder / "input", input);
  const auto redirected = [&](const char* sign, const char* name) {
    return std::string(" ") + sign + " '" + (folder / name).string() + "'";
  };
  const std::string command = environment + " '" R1_PROGRAM "' " + arguments +
                              redirected("<", "input") + redirected(">", "output") +
                              redirected("2>", "errors");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder / "output"),
          read_file(folder / "errors")};
}

}  // namespace r1
