// How the commands that compute gradients load a model and what they compute.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "learn/learning_model.h"
#include "learn/optimizer.h"

namespace r1::app {

struct LearningOptions {
  std::string model;
  std::string dtype = "bf16";
  std::string lora;              // folder of an adapter, which then learns alone
  double prediction_weight = 0;  // of multi-token prediction in the loss
  bool recompute = false;
};
/// Adds -m, --dtype, --lora, --mtp-weight and --recompute.
void add_learning_options(CLI::App& command, LearningOptions& options);

/// Adds --optimizer and --moments.
void add_optimizer_options(CLI::App& command, OptimizerOptions& options);

/// Throws Error for what can't learn as the options say.
LearningModel load_learning_model(const LearningOptions& options);

/// Forward and backward of the mean cross-entropy over all documents together, which is returned;
/// gradients are added to those of the model's parameters.
double accumulate_gradients(const Model& model, const std::vector<std::vector<int>>& documents,
                            const LearningOptions& options);

}  // namespace r1::app
