// Where untrusted programs run: bubblewrap, a filter of system calls, and limits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tasks/code/process.h"

namespace r1 {

/// What one run may take, all its processes together unless said otherwise.
struct RunLimits {
  double seconds = 10;                           // see ProcessResult::seconds
  std::int64_t memory = std::int64_t{1} << 30;   // bytes; address space of each process
  std::int64_t disk = std::int64_t{64} << 20;    // bytes in its folders, and of each file
  std::int64_t output = std::int64_t{16} << 20;  // bytes of stdout and of stderr
  int processes = 64;                            // and threads; 0: no limit
};

struct SandboxFile {
  std::string name;  // a plain name; it appears as ../program/NAME, not to be written
  std::string_view contents;
  bool executable = false;
};

struct SandboxRun {
  std::vector<std::string> command;  // starts in an empty folder of its own that is gone afterwards
  std::string input;
  std::vector<SandboxFile> files;
  std::string readable_folder;  // one more folder of the system that may be read; may be empty
  RunLimits limits;
};

/// Runs programs nobody vouches for. A program sees /usr read-only, its files read-only, an empty
/// /tmp of its own, itself in /proc, and no network, no other process, no user's files, no
/// environment; it makes only harmless system calls and has no rights beyond those of a user
/// (started by root it is nobody). When it ends, everything it started ends.
class Sandbox {
 public:
  enum class Isolation {
    bubblewrap,
    none,  // limits only: a program may do whatever this user may
  };

  /// Throws Error, saying why, where the kernel or the system doesn't allow the isolation: it is
  /// tried before anything else runs.
  explicit Sandbox(Isolation isolation = Isolation::bubblewrap);

  /// Any number of threads may run programs at the same time.
  ProcessResult run(const SandboxRun& run) const;

 private:
  ProcessResult run_isolated(const SandboxRun& run) const;
  Isolation isolation_;
};

}  // namespace r1
