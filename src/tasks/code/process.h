// A child process with its streams and limits watched from outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1 {

struct ProcessRequest {
  std::vector<std::string> command;  // the program's path first
  std::string input;                 // what stdin holds
  std::vector<int> descriptors;      // these become the child's 3, 4, 5 ...; it inherits no others
  std::string folder;                // where it starts; empty: here
  double seconds = 10;               // see ProcessResult::seconds
  std::int64_t memory = 0;           // bytes of all its processes together
  std::int64_t output = 0;           // bytes of stdout and of stderr
};

struct ProcessResult {
  enum class Stop { none, time, memory, output };  // why it was killed, if it was
  Stop stop = Stop::none;
  int status = 0;  // the exit status, 128 + the signal if one killed it
  /// Processor time or, if more, the time on the clock without what was spent waiting for a
  /// processor: sleeping counts, being one of many runs on a busy machine does not.
  double seconds = 0;
  std::int64_t peak_memory = 0;  // bytes resident in the largest process
  std::string output, errors;
};

/// Runs a command in a session of its own and waits for its end; then nothing of its group lives.
/// Throws Error if it can't be started.
ProcessResult run_process(const ProcessRequest& request);

}  // namespace r1
