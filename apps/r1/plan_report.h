// A plan for people and for machines.
#pragma once

#include <nlohmann/json.hpp>

#include "plan/plan.h"

namespace r1::app {

nlohmann::ordered_json plan_json(const plan::Description& description, const plan::Plan& plan);
/// Prints tables on stdout; `assumptions` adds each assumption with its source.
void print_plan(const plan::Description& description, const plan::Plan& plan, bool assumptions);

/// Of a schedule by itself.
nlohmann::ordered_json schedule_json(const plan::Pipeline& pipeline,
                                     const plan::Timeline& timeline);

}  // namespace r1::app
