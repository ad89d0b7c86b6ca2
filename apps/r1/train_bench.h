// r1 bench --train: tokens a second of training, and their share of the matrix peak.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "learn/optimizer.h"
#include "learning_model.h"

namespace r1::app {

struct TrainBenchOptions {
  LearningOptions learning;
  OptimizerOptions optimizer;
  std::int64_t documents = 1, tokens = 2048;  // of each document
  int repetitions = 5;
};

/// "4x512" -> documents and tokens of each. Throws Error for anything else.
void read_batch_shape(const std::string& text, TrainBenchOptions& options);

/// Whole steps on random tokens, the first not counted: medians.
nlohmann::ordered_json train_bench(const TrainBenchOptions& options);
void print_train_bench(const nlohmann::ordered_json& result);

}  // namespace r1::app
