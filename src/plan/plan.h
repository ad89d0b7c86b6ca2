// A whole plan: what training and serving a model on a cluster takes.
#pragma once

#include <string>
#include <vector>

#include "plan/description.h"
#include "plan/training.h"

namespace r1::plan {

/// A part of the run: the first, or a later one with longer sequences.
struct StagePlan {
  std::string name;
  double tokens = 0;
  std::int64_t sequence = 0;
  double tokens_per_second = 0;
  double device_hours = 0;
};

struct Plan {
  Parameters parameters;
  TokenFlops flops;
  TrainingPlan training;  // of the first stage
  std::vector<StagePlan> stages;
  double device_hours = 0, days = 0, dollars = 0, kilowatt_hours = 0;
  ServingPlan serving;
  std::vector<std::string> notes;  // what the reader should know of how it came about
};

/// Throws Error for what is out of bounds.
Plan make_plan(const Description& description);

}  // namespace r1::plan
