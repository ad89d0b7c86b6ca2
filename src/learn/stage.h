// A stage of a recipe: pre-training, fine-tuning, reinforcement learning. One file each.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "learn/learning_model.h"
#include "learn/recipe.h"
#include "learn/run_folder.h"
#include "learn/state.h"

namespace r1 {

/// What the run gives a stage to work with; it outlives the stage.
struct StageContext {
  LearningModel& model;           // as the stages before left it
  RunFolder& folder;              // where samples go
  std::uint64_t seed = 0;         // of this stage alone
  std::filesystem::path cache;    // folder for tokenized data
  const std::atomic<bool>& stop;  // set when the user wants to leave: long steps may ask
  std::function<void(const std::string&)> note;  // one sentence that the user should read
};

/// What a step tells the run.
struct StageReport {
  /// "loss", "reward" ...: written to the metrics beside step, stage and speed.
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
  std::int64_t tokens = 0;  // that went through forward and backward
  double operations = 0;    // floating-point operations of products with weights, for the speed
  /// How good the model is after the step, the more the better, if it was measured: the best
  /// checkpoint is kept.
  std::optional<double> quality = std::nullopt;
};

/// Made from its section when the recipe is checked: whatever the recipe can have wrong must be
/// said by then. A step is the least after which the run can be saved: one update of the weights,
/// or one batch of work. All that a step leaves for later ones is in the model's parameters and in
/// what visit() visits; random numbers are named by (seed, step, ...).
class Stage {
 public:
  virtual ~Stage() = default;
  /// Called once before anything below, also when a run goes on.
  virtual void begin(StageContext& context) = 0;
  virtual std::int64_t steps() const = 0;
  /// 0 <= index < steps().
  virtual StageReport step(std::int64_t index) = 0;
  virtual void visit(State& state) = 0;
  /// After the last step.
  virtual void finish() {}
};

/// The stage of a [[stage]] section, by its `type`; `model` is what it will be given. Throws Error,
/// with the line, for what can't work.
std::unique_ptr<Stage> make_stage(const Section& section, const ModelConfig& model);

}  // namespace r1
