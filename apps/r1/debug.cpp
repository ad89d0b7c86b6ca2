// r1 debug: what the trainer computes, written out to be compared.
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "command.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "id_lists.h"
#include "learning_model.h"

namespace r1::app {
namespace {

struct GradientOptions {
  CommonOptions common;
  LearningOptions learning;
  std::string ids_file, output;
};

void write_gradients(const GradientOptions& options) {
  const auto documents = read_id_lists(options.ids_file);
  const LearningModel learning = load_learning_model(options.learning);
  const Model& model = learning.model();
  const double loss = accumulate_gradients(model, documents, options.learning);
  SafetensorsWriter writer(options.output);
  const auto& parameters = model.parameters().all();
  for (const Parameter& parameter : parameters) {
    writer.declare(parameter.name, DType::f32, parameter.value.shape());
  }
  for (const Parameter& parameter : parameters) {
    const Gradient gradient = parameter.value.gradient();
    const std::span<const float> numbers(gradient.data(),
                                         static_cast<std::size_t>(gradient.elements()));
    writer.write(std::as_bytes(numbers));
  }
  writer.finish();
  if (options.common.json) {
    std::cout << json_text(nlohmann::ordered_json{{"loss", loss}}) << '\n';
  } else {
    std::cout << "loss " << loss << ", gradients of " << parameters.size() << " tensors in "
              << options.output << '\n';
  }
}

}  // namespace

void add_debug(CLI::App& program) {
  CLI::App* debug = program.add_subcommand("debug", "what the trainer computes, to be compared");
  debug->require_subcommand(1);
  auto options = std::make_shared<GradientOptions>();
  const std::string example =
      "r1 debug gradients -m folder --ids-file ids.jsonl -o gradients.safetensors";
  add_common_options(*debug, options->common, example);
  CLI::App* command = debug->add_subcommand(
      "gradients", "gradients of the mean next-token cross-entropy over lists of ids");
  add_common_options(*command, options->common, example);
  add_learning_options(*command, options->learning);
  command->add_option("--ids-file", options->ids_file, "a file with a JSON list of ids a line")
      ->required();
  command->add_option("-o,--output", options->output, "the safetensors file to write")->required();
  command->callback([options] { write_gradients(*options); });
  add_grpo_loss(*debug);
}

}  // namespace r1::app
