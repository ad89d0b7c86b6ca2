// A bar for what comes over a network, on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace r1::app {

/// Draws at a terminal only, ten times a second at most.
class TransferBar {
 public:
  TransferBar();
  ~TransferBar() { clear(); }
  TransferBar(const TransferBar&) = delete;
  TransferBar& operator=(const TransferBar&) = delete;

  /// `done` of `total` bytes are there; `begun` were before the transfer and tell nothing of its
  /// speed.
  void show(const std::string& what, std::int64_t done, std::int64_t begun, std::int64_t total);
  /// Takes the bar away.
  void clear();

 private:
  using Time = std::chrono::steady_clock::time_point;
  double bytes_a_second(Time now, std::int64_t done);
  bool shown_;
  bool visible_ = false;
  Time drawn_;
  std::deque<std::pair<Time, std::int64_t>> recent_;  // of the last seconds
};

/// The bar's line: "model.gguf [####......]  41 %  1.2 GB of 2.9 GB, 45 MB/s, 38 s left".
std::string transfer_line(const std::string& what, std::int64_t done, std::int64_t total,
                          double bytes_a_second, int columns);

}  // namespace r1::app
