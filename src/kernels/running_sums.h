// How products that keep a block of running sums in the first-level cache meet memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/elementwise.h"
#include "kernels/panel.h"

namespace r1 {

/// Chunks of columns whose panels are held at once, and rows of y that meet them at a time: running
/// sums, a panel and what it meets lie in the first-level cache, the panels in the second.
constexpr std::int64_t kPanelsHeld = 16, kRowsAtATime = 96;

/// Fetches the lines of y [rows][lanes] while its sums are still being computed.
inline void will_write(const float* y, std::int64_t rows, std::int64_t lanes, std::int64_t stride) {
  constexpr std::int64_t kLine = 64 / sizeof(float);
  for (std::int64_t r = 0; r < rows; ++r, y += stride) {
    for (std::int64_t lane = 0; lane < lanes; lane += kLine) __builtin_prefetch(y + lane, 1);
  }
}

/// y [rows][lanes] to sums [rows][64].
inline void take_sums(const float* y, std::int64_t rows, std::int64_t lanes, std::int64_t stride,
                      float* sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    std::copy_n(y + r * stride, lanes, sums + r * panel::kPanelRows);
  }
}

/// Sums [rows][64] to y [rows][lanes], or added to it.
inline void give_sums(const float* sums, std::int64_t rows, std::int64_t lanes, bool accumulate,
                      float* y, std::int64_t stride) {
  for (std::int64_t r = 0; r < rows; ++r, y += stride, sums += panel::kPanelRows) {
    if (accumulate) {
      add(y, sums, lanes, y);
    } else {
      std::copy_n(sums, lanes, y);
    }
  }
}

}  // namespace r1
