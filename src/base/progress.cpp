#include "base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace r1 {

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(std::max<std::int64_t>(total, 1)),
      shown_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_ && drawn_ != std::chrono::steady_clock::time_point()) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::int64_t amount) {
  done_ += amount;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  draw();
}

void Progress::draw() {
  constexpr int kWidth = 30;
  const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const double seconds = std::chrono::duration<double>(drawn_ - start_).count();
  const int filled = static_cast<int>(share * kWidth);
  std::string bar(static_cast<std::size_t>(filled), '#');
  bar.resize(kWidth, '.');
  const double left = share > 0.0 ? seconds / share - seconds : 0.0;
  std::fprintf(stderr, "\r%s [%s] %3.0f %%, %.0f s left\x1b[K", what_.c_str(), bar.c_str(),
               share * 100.0, left);
}

}  // namespace r1
