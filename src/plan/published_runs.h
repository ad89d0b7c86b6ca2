// Models whose training was published: configuration, run and layout as their reports give them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/layout.h"
#include "plan/shape.h"

namespace r1::plan {

/// A later part of a run, with other sequences.
struct Stage {
  std::string_view name;
  double tokens_share;  // of the first stage's tokens
  std::int64_t sequence, batch;
};

struct PublishedRun {
  Shape shape;
  Run run = {};
  Layout layout = {};
  bool layout_known = false;              // whether the report gives it
  std::optional<Schedule> schedule = {};  // the schedule alone, where the report gives only that
  std::vector<Stage> later = {};
  std::string_view source;
};

/// "deepseek-v3", "deepseek-v2", "deepseek-67b", "llama-3.1-405b"; nothing for other names.
std::optional<PublishedRun> find_published_run(std::string_view name);
std::string published_run_names();

}  // namespace r1::plan
