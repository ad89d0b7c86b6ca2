// Training by a recipe, as the terminal shows it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "learn/run.h"

namespace r1::app {

struct RecipeOptions {
  RunOptions run;
  bool json = false;   // a JSON object a step on stdout
  int dashboard = -1;  // port of the live page; -1: none
};

/// Adds RECIPE, --max-steps, --resume, --run-dir and --dashboard.
void add_recipe_options(CLI::App& command, RecipeOptions& options);

/// Examples, and how a user brings a model and a data set: the end of the help text.
std::string recipe_help();

/// Runs it. Ctrl-C saves a checkpoint and leaves; a second one leaves at once.
RunResult train_recipe(RecipeOptions options);

}  // namespace r1::app
