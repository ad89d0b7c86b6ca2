#include "transfer_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/memory.h"
#include "terminal.h"

namespace r1::app {
namespace {

int terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string readable_time(double time) {
  const auto total = static_cast<long>(std::min(time, 1e8));
  char text[40];
  if (total < 100) {
    std::snprintf(text, sizeof text, "%ld s", total);
  } else if (total < 6000) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", total / 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld h %02ld min", total / 3600, total / 60 % 60);
  }
  return text;
}

}  // namespace

std::string transfer_line(const std::string& what, std::int64_t done, std::int64_t total,
                          double bytes_a_second, int columns) {
  constexpr int kBar = 20;
  const double share =
      total > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(total)) : 1.0;
  const int filled = static_cast<int>(share * kBar);
  char percent[16];
  std::snprintf(percent, sizeof percent, "] %3.0f %%  ", share * 100);
  std::string line = "[" + std::string(static_cast<std::size_t>(filled), '#') +
                     std::string(static_cast<std::size_t>(kBar - filled), '.') + percent +
                     readable_bytes(done) + " of " + readable_bytes(total);
  if (bytes_a_second > 0) {
    line += ", " + readable_bytes(static_cast<std::int64_t>(bytes_a_second)) + "/s, " +
            readable_time(static_cast<double>(total - done) / bytes_a_second) + " left";
  }
  const auto room = static_cast<std::size_t>(std::max(columns - 1, 0));
  line = line.substr(0, room);
  // The name's end tells more than its beginning.
  if (line.size() + 8 > room) return line;
  const std::size_t width = std::min(what.size(), room - line.size() - 1);
  return what.substr(what.size() - width) + " " + line;
}

TransferBar::TransferBar() : shown_(is_terminal(STDERR_FILENO)) {}

/// Over the last seconds, as the speed of networks changes.
double TransferBar::bytes_a_second(Time now, std::int64_t done) {
  recent_.emplace_back(now, done);
  while (recent_.size() > 2 && now - recent_.front().first > std::chrono::seconds(8))
    recent_.pop_front();
  const double time = std::chrono::duration<double>(now - recent_.front().first).count();
  return time < 1 ? 0 : static_cast<double>(done - recent_.front().second) / time;
}

void TransferBar::show(const std::string& what, std::int64_t done, std::int64_t begun,
                       std::int64_t total) {
  const Time now = std::chrono::steady_clock::now();
  if (!shown_ || begun == total || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  visible_ = true;
  const std::string line =
      transfer_line(what, done, total, bytes_a_second(now, done), terminal_columns());
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
}

void TransferBar::clear() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
  visible_ = false;
}

}  // namespace r1::app
