// A bar on stderr for work that takes a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace r1 {

/// Draws only at a terminal, and not more often than the eye can follow. The line is erased at the
/// end, so that what is printed afterwards begins on a clean one.
class Progress {
 public:
  /// what: the work, as "quantizing"; total: its size in any unit, more than 0.
  Progress(std::string what, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Adds to what is done.
  void advance(std::int64_t amount);

 private:
  void draw();
  std::string what_;
  std::int64_t total_, done_ = 0;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace r1
