// A run: the stages of a recipe, one after the other, saved so that it can go on at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "learn/recipe.h"

namespace r1 {

struct RunOptions {
  std::filesystem::path recipe;
  std::filesystem::path run_folder;  // empty: what the recipe says
  std::filesystem::path metrics;     // another file for the metrics; empty: none
  std::int64_t max_steps = std::numeric_limits<std::int64_t>::max();  // of all stages together
  bool resume = false;
  const std::atomic<bool>* stop = nullptr;  // set: the run saves itself and ends after the step
  /// After each step: its metrics and how many steps are left in its stage.
  std::function<void(const nlohmann::ordered_json& metrics, std::int64_t left)> on_step;
  std::function<void(const std::string&)> note;  // a sentence for the user
};

struct RunResult {
  std::int64_t steps = 0;        // done in all
  bool finished = false;         // all stages are done
  std::filesystem::path folder;  // of the run
  std::filesystem::path model;   // what was exported; empty if nothing was
};

/// Checks the whole recipe, then runs it, or what is left of it with `resume`. Throws Error.
RunResult run_recipe(const RunOptions& options);

}  // namespace r1
