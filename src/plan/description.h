// A plan as a TOML file says it: model, cluster, run, layout, serving and assumptions.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plan/assumptions.h"
#include "plan/device.h"
#include "plan/published_runs.h"
#include "plan/serving.h"

namespace r1::plan {

/// Everything a plan starts from.
struct Description {
  Shape shape;
  Run run;
  Layout layout;  // used where layout_given
  bool layout_given = false;
  std::optional<Schedule> schedule;  // for the search, where no layout is given
  std::vector<Stage> later;
  std::string source;  // of run and layout, where they are published
  Cluster cluster;
  ServingRun serving;
  Assumptions assumptions;
};

/// Where a model's or a cluster's numbers come from that this room doesn't know.
struct Lookup {
  std::function<Shape(const std::string&)> shape;      // throws Error for an unknown name
  std::function<Cluster(const std::string&)> cluster;  // likewise
};

/// The model of that name with its published run, or with defaults for a run where there is none.
void use_model(Description& description, const std::string& name, const Lookup& lookup);

/// Reads a file of the form in docs/plan.md. Throws Error naming file, place and key for what is
/// unknown, of the wrong kind or out of bounds.
Description read_description(const std::filesystem::path& path, const Lookup& lookup);

Recompute parse_recompute(const std::string& name);
std::string_view name(Recompute recompute);
Precision parse_precision(const std::string& name);

}  // namespace r1::plan
