#include "learn/gradient_lanes.h"

#include <algorithm>
#include <cstdint>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "ops/tape.h"

namespace r1 {
namespace {

/// What all lanes' gradients may take.
constexpr std::int64_t kMostBytes = std::int64_t{512} << 20;

/// Adds what the other lanes hold to lane 0, in order, and clears them.
void sum_lanes(const Tensor& value, std::size_t lanes) {
  const Gradient sum = value.gradient(0);
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    const Gradient part = value.gradient(static_cast<int>(lane));
    if (!part.arrived()) continue;
    const Gradient::Target to = sum.target();
    if (to.accumulate) {
      add(to.data, part.data(), sum.elements(), to.data);
    } else {
      std::copy_n(part.data(), sum.elements(), to.data);
    }
    part.clear();
  }
}

}  // namespace

int most_gradient_lanes(const Parameters& parameters) {
  std::int64_t bytes = 1;
  for (const Parameter& parameter : parameters.all()) {
    bytes += parameter.value.elements() * static_cast<std::int64_t>(sizeof(float));
  }
  return static_cast<int>(std::clamp<std::int64_t>(kMostBytes / bytes, 1, GradientLane::kMost));
}

int accumulate_gradients(const Parameters& parameters, std::size_t count,
                         const std::function<MicroLoss(std::size_t)>& forward) {
  const std::size_t lanes =
      std::min(count, static_cast<std::size_t>(most_gradient_lanes(parameters)));
  const auto run_lane = [&](std::int64_t lane, int) {
    const GradientLane own(static_cast<int>(lane));
    for (auto i = static_cast<std::size_t>(lane); i < count; i += lanes) {
      Tape tape;
      const Tape::Scope scope(tape);
      const MicroLoss part = forward(i);
      tape.backward(part.loss);
    }
  };
  const auto all = static_cast<std::int64_t>(lanes);
  const bool side_by_side = threads().size() <= all;
  if (side_by_side) {
    threads().parallel_for(all, run_lane);
  } else {
    for (std::int64_t lane = 0; lane < all; ++lane) run_lane(lane, 0);
  }
  if (lanes > 1) {
    threads().parallel_for(static_cast<std::int64_t>(parameters.all().size()),
                           [&](std::int64_t i, int) {
                             sum_lanes(parameters.all()[static_cast<std::size_t>(i)].value, lanes);
                           });
  }
  return side_by_side ? threads().size() : 1;
}

}  // namespace r1
