#include "learning_model.h"

#include "base/error.h"
#include "base/memory.h"
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

std::unique_ptr<Model> load_learning_model(const LearningOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(options.model);
  if (checkpoint.interleaved_rope()) {
    throw Error(options.model,
                "keeps queries and keys in another order than gradients are named in",
                "make a folder of it with r1 convert");
  }
  // What a step's tensors gave back serves the next step.
  keep_tensor_memory(available_memory() / 4);
  LoadOptions load;
  load.learn = Learn::weights;
  load.learned_type = DType::bf16;
  if (options.dtype == "f32") {
    load.precision = Precision::f32;
    load.cache_type = load.learned_type = DType::f32;
  }
  if (!options.lora.empty()) {
    load.learn = Learn::adapter;
    load.adapter = std::make_shared<const LoraAdapter>(LoraAdapter::open(options.lora));
  }
  std::unique_ptr<Model> model = Model::load(checkpoint, load);
  if (options.prediction_weight > 0 && model->config().prediction_layers == 0) {
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
