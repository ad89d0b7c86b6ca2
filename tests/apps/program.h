// Running the built program as a user does.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.h"

namespace r1 {

struct Outcome {
  int status;  // -1 if a signal ended it
  std::string output, errors;
};

/// Runs `r1 ARGUMENTS` in a shell with that input.
inline Outcome run_program(const std::string& arguments, const std::string& input = {}) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("r1_test_" + std::to_string(getpid()));
  fs::create_directories(folder);
  write_file(folder / "input", input);
  const auto in_folder = [&](const char* name) { return "'" + (folder / name).string() + "'"; };
  const int ended =
      std::system((std::string(R1_PROGRAM) + " " + arguments + " <" + in_folder("input") + " >" +
                   in_folder("output") + " 2>" + in_folder("errors"))
                      .c_str());
  Outcome outcome{WIFEXITED(ended) ? WEXITSTATUS(ended) : -1, read_file(folder / "output"),
                  read_file(folder / "errors")};
  fs::remove_all(folder);
  return outcome;
}

}  // namespace r1
