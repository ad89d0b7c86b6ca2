// A program of the user's that runs beside this one and is talked to by lines.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace r1 {

/// A command run by /bin/sh, with pipes to its stdin and from its stdout; stderr is this program's.
/// It is killed, with all that it started in its process group, when this object dies.
class ChildProcess {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Throws Error if no process can be started.
  explicit ChildProcess(const std::string& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  enum class Outcome { done, closed, late, too_long };
  /// Sends all of `text` and then reads to the next line's end, which isn't part of `line`; what
  /// the program writes meanwhile is read too, so that neither waits for the other's full pipe.
  Outcome exchange(std::string_view text, std::string& line, Deadline deadline);

 private:
  bool write_some(std::string_view& text);
  bool read_some();

  pid_t process_ = -1;
  Descriptor input_, output_;
  std::string received_;
};

}  // namespace r1
