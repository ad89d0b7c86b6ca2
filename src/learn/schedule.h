// How the learning rate changes over a stage.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/recipe.h"

namespace r1 {

/// From the end of the phase before on to `until`, a share of the stage's steps, the rate goes to
/// `rate` times the highest.
struct SchedulePhase {
  enum class Shape : std::uint8_t { constant, linear, cosine };
  double until = 1, rate = 1;
  Shape shape = Shape::constant;
};

struct Schedule {
  double highest = 1e-5;
  std::int64_t warmup_steps = 0;             // linear, from one step's worth to the highest
  std::vector<SchedulePhase> phases = {{}};  // of the steps after the warm-up

  /// Keys learning_rate, warmup_steps and schedule: "constant", "linear" or "cosine" to final_rate
  /// times the highest, "stepped" (DeepSeek LLM: 0.316 from 80 %, 0.1 from 90 % on), or "phases",
  /// whose parts are [[stage.phase]] sections with until, rate and shape.
  static Schedule read(const Section& section, double learning_rate);

  /// 0 <= step < steps.
  double rate(std::int64_t step, std::int64_t steps) const;
};

}  // namespace r1
