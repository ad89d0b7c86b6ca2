// The order in which each device of a pipeline does its work.
#pragma once

#include <vector>

#include "plan/schedule.h"

namespace r1::plan {

/// The events of each device, without times.
std::vector<std::vector<Event>> event_order(const Pipeline& pipeline);

}  // namespace r1::plan
