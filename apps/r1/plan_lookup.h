// Models and machines that `r1 plan` takes from the rest of the program.
#pragma once

#include <string>

#include "plan/description.h"

namespace r1::app {

/// Shapes of `r1 bench`, and config.json of a file, a folder or a model of r1 list; "this" as a
/// cluster: this machine, its limits measured.
plan::Lookup plan_lookup();

}  // namespace r1::app
