#include "learn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace r1 {
namespace {

using Shape = SchedulePhase::Shape;

Shape shape_of(const std::string& name) {
  return name == "linear" ? Shape::linear : name == "cosine" ? Shape::cosine : Shape::constant;
}

std::vector<SchedulePhase> read_phases(const Section& section) {
  std::vector<SchedulePhase> phases;
  double before = 0;
  for (const Section& table : section.tables("phase")) {
    SchedulePhase phase;
    phase.until = table.number("until", 0, 1);
    phase.rate = table.number("rate", 0, 1);
    phase.shape = shape_of(table.choice("shape", "constant", {"constant", "linear", "cosine"}));
    if (phase.until <= before) throw table.error("until", "must be later than the phase before");
    before = phase.until;
    phases.push_back(phase);
  }
  if (phases.empty() || before != 1) {
    throw section.error("schedule",
                        "\"phases\" needs [[stage.phase]] sections, the last until = 1");
  }
  return phases;
}

}  // namespace

Schedule Schedule::read(const Section& section, double learning_rate) {
  Schedule schedule;
  schedule.highest = section.number("learning_rate", learning_rate, 0, 1e3);
  schedule.warmup_steps = section.integer("warmup_steps", 0, 0, std::int64_t{1} << 40);
  const std::string kind =
      section.choice("schedule", "constant", {"constant", "linear", "cosine", "stepped", "phases"});
  if (kind == "linear" || kind == "cosine") {
    schedule.phases = {{1, section.number("final_rate", 0.1, 0, 1), shape_of(kind)}};
  } else if (kind == "stepped") {
    schedule.phases = {
        {0.8, 1, Shape::constant}, {0.9, 0.316, Shape::constant}, {1, 0.1, Shape::constant}};
  } else if (kind == "phases") {
    schedule.phases = read_phases(section);
  }
  return schedule;
}

double Schedule::rate(std::int64_t step, std::int64_t steps) const {
  if (step < warmup_steps) {
    return highest * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  }
  const auto rest = static_cast<double>(std::max<std::int64_t>(1, steps - warmup_steps));
  const double done = static_cast<double>(step - warmup_steps) / rest;
  double begin = 0, from = 1;
  for (const SchedulePhase& phase : phases) {
    if (done < phase.until) {
      const double way = (done - begin) / (phase.until - begin);
      if (phase.shape == Shape::constant) return highest * phase.rate;
      const double gone =
          phase.shape == Shape::linear ? way : (1 - std::cos(std::numbers::pi * way)) / 2;
      return highest * (from + gone * (phase.rate - from));
    }
    begin = phase.until;
    from = phase.rate;
  }
  return highest * from;
}

}  // namespace r1
