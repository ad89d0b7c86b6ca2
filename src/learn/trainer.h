// One update of the weights: gradients of micro-batches summed, clipped, applied.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "learn/gradient_lanes.h"
#include "learn/optimizer.h"
#include "learn/packed_pass.h"
#include "learn/recipe.h"
#include "learn/schedule.h"
#include "learn/state.h"
#include "models/model.h"

namespace r1 {

struct TrainerOptions {
  OptimizerOptions optimizer;
  Schedule schedule;
  bool recompute = false;
  float balance_weight = 0;  // of the experts' sequence-wise balance loss
  float bias_speed = 0;      // of the routers' biases, by which balancing needs no loss
  double explosion = 10;     // a loss so many times the mean of recent ones stops the run; 0: none

  /// Keys learning_rate, warmup_steps, schedule ... (Schedule::read), betas, eps, weight_decay,
  /// clip, recompute, balance_weight, bias_speed, explosion. What is missing is as in `otherwise`.
  static TrainerOptions read(const Section& section, const ModelConfig& model,
                             const TrainerOptions& otherwise);
};

/// How evenly experts were chosen: the largest and the smallest share of one expert in its layer,
/// over the mean share. 1 is balanced; 0 without experts.
struct ExpertLoad {
  double largest = 0, smallest = 0;
};

/// What an update tells.
struct UpdateFigures {
  double loss = 0;           // the sum of what accumulate() returned
  double gradient_norm = 0;  // before clipping
  double learning_rate = 0;
  double balance_loss = 0;  // mean over documents, summed over layers
  ExpertLoad expert_load;
};

class Trainer {
 public:
  /// `steps`: updates of the whole stage, for the schedule. The model must outlive the trainer.
  Trainer(const Model& model, const TrainerOptions& options, std::int64_t steps);

  /// Forward and backward of micro-batches, as accumulate_gradients() does it. forward(i, packing)
  /// computes, as `packing` says, the i-th one's part of the step's loss: parts are added up.
  /// shares[i]: its share of the step's documents, for the balance loss. Returns the parts' values.
  std::vector<double> accumulate(
      std::span<const double> shares,
      const std::function<MicroLoss(std::size_t i, const PackedOptions& packing)>& forward);
  /// Updates the weights by all that was accumulated, and routers' biases by the load of their
  /// experts. Throws Error, naming a tensor, if loss or gradients are no finite numbers or the loss
  /// explodes; the weights are as before then.
  UpdateFigures update();

  const TrainerOptions& options() const { return options_; }
  std::int64_t updates() const { return optimizer_.steps(); }
  void visit(State& state);

 private:
  void count_load(const std::vector<std::vector<std::int64_t>>& load);
  void check_loss() const;
  void move_router_biases();
  ExpertLoad expert_load() const;

  const Model& model_;
  TrainerOptions options_;
  std::int64_t steps_;
  Optimizer optimizer_;
  double loss_ = 0, balance_loss_ = 0;           // of what was accumulated
  std::vector<std::vector<std::int64_t>> load_;  // [layer][expert]
  double recent_loss_ = 0;                       // mean over about 50 updates; 0: none yet
};

/// Adds expert_load to a step's metrics, where there are experts.
void add_expert_load(const ExpertLoad& load, nlohmann::ordered_json& metrics);

/// The first parameter that holds a number that isn't finite, or "".
std::string broken_parameter(const Parameters& parameters);

/// Floating-point operations that the products with weights take for `tokens` tokens forward and
/// backward, of which `predicted` go through the head.
double training_operations(const Model& model, std::int64_t tokens, std::int64_t predicted);

}  // namespace r1
