#include "learning_model.h"

#include "base/error.h"
#include "command.h"
#include "learn/language_loss.h"
#include "ops/tape.h"

namespace r1::app {

void add_learning_options(CLI::App& command, LearningOptions& options) {
  add_model_option(command, options.model);
  command.add_option("--dtype", options.dtype, "numbers that weights are multiplied in")
      ->check(CLI::IsMember({"bf16", "f32"}));
  command.add_option("--lora", options.lora, "learn the LoRA adapter of this folder alone")
      ->check(CLI::ExistingDirectory);
  command
      .add_option("--mtp-weight", options.prediction_weight,
                  "weight of multi-token prediction in the loss")
      ->check(CLI::Range(0.0, 1e3));
  command.add_flag("--recompute", options.recompute,
                   "keep each layer's input alone: less memory, a third more time, the same bits");
}

void add_optimizer_options(CLI::App& command, OptimizerOptions& options) {
  command
      .add_option_function<std::string>(
          "--optimizer",
          [&options](const std::string& kind) {
            options.kind = kind == "muon" ? OptimizerKind::muon : OptimizerKind::adamw;
          },
          "muon moves the hidden matrices by Muon, the rest by AdamW")
      ->check(CLI::IsMember({"adamw", "muon"}));
  command
      .add_option_function<std::string>(
          "--moments",
          [&options](const std::string& type) {
            options.moments = type == "bf16" ? DType::bf16 : DType::f32;
          },
          "numbers that the optimizer keeps its moments in")
      ->check(CLI::IsMember({"bf16", "f32"}));
}

LearningModel load_learning_model(const LearningOptions& options) {
  LearningModelOptions load;
  load.start = options.model;
  load.dtype = options.dtype;
  load.adapter = options.lora;
  LearningModel model = LearningModel::open(load);
  if (options.prediction_weight > 0 && model.model().config().prediction_layers == 0) {
    throw Error(options.model, "has no layer for multi-token prediction", "leave out --mtp-weight");
  }
  return model;
}

double accumulate_gradients(const Model& model, const std::vector<std::vector<int>>& documents,
                            const LearningOptions& options) {
  Tape tape;
  const Tape::Scope scope(tape);
  PackedOptions packing;
  packing.recompute = options.recompute;
  PackedPass pass(model, documents, packing);
  Tensor loss = next_token_loss(pass);
  if (options.prediction_weight > 0) {
    loss = joint_loss(loss, prediction_loss(pass), static_cast<float>(options.prediction_weight));
  }
  tape.backward(loss);
  return static_cast<double>(loss.data()[0]);
}

}  // namespace r1::app
