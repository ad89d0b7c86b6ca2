// r1 convert and r1 quantize: a model into another file format or type.
#include "formats/convert/convert.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "command.h"
#include "formats/convert/quantization_mix.h"
#include "formats/convert/random_model.h"
#include "formats/json.h"
#include "formats/model_shapes.h"

namespace r1::app {
namespace {

struct ConvertCommand : CommonOptions {
  std::string model, output, format, tokenizer, shape;
  std::uint64_t seed = 0;
};

void note(const std::string& text) {
  std::fprintf(stderr, "note: %s\n", text.c_str());
}

/// Says what was written.
void report(const ConvertCommand& command) {
  std::int64_t bytes = 0;
  if (std::filesystem::is_directory(command.output)) {
    for (const auto& entry : std::filesystem::directory_iterator(command.output)) {
      bytes += static_cast<std::int64_t>(entry.file_size());
    }
  } else {
    bytes = static_cast<std::int64_t>(std::filesystem::file_size(command.output));
  }
  if (command.json) {
    const nlohmann::ordered_json document = {{"output", command.output}, {"bytes", bytes}};
    std::puts(json_text(document).c_str());
  } else {
    std::printf("%s: %.1f MB\n", command.output.c_str(), static_cast<double>(bytes) / 1e6);
  }
}

void run(const ConvertCommand& command) {
  if (!command.shape.empty()) {
    write_random_model({.shape = command.shape,
                        .target = command.output,
                        .format = command.format.empty() ? "bf16" : command.format,
                        .tokenizer = command.tokenizer,
                        .seed = command.seed,
                        .note = note});
  } else {
    convert({.source = command.model,
             .target = command.output,
             .format = command.format,
             .tokenizer = command.tokenizer,
             .note = note});
  }
  report(command);
}

void add_output_options(CLI::App& app, ConvertCommand& command) {
  app.add_option("--dtype", command.format, "type of the matrices: " + target_format_names());
  app.add_option("--tokenizer", command.tokenizer,
                 "folder or GGUF file to take the tokenizer from");
}

}  // namespace

void add_convert(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "convert", "a model as GGUF file or Hugging Face folder, in another type");
  const auto command = std::make_shared<ConvertCommand>();
  add_common_options(*app, *command, "r1 convert -m MODEL-FOLDER -o model.gguf --dtype q4_k_m");
  CLI::Option* model = add_model_option(*app, command->model)->required(false);
  app->add_option("-o,--output", command->output, "GGUF file (name ends in .gguf) or folder")
      ->required();
  add_output_options(*app, *command);
  CLI::Option* random = app->add_option(
      "--random", command->shape, "no model but random weights of a shape: " + model_shape_names());
  CLI::Option* seed =
      app->add_option("--seed", command->seed, "of the random weights")->needs(random);
  random->excludes(model);
  app->callback([=] {
    (void)seed;
    if (command->model.empty() == command->shape.empty()) {
      throw CLI::RequiredError("--model or --random");
    }
    run(*command);
  });
}

void add_quantize(CLI::App& program) {
  CLI::App* app = program.add_subcommand("quantize", "a GGUF file in another type");
  const auto command = std::make_shared<ConvertCommand>();
  add_common_options(*app, *command,
                     "r1 quantize -m model-f16.gguf -o model-q4.gguf --dtype q4_k_m");
  add_model_option(*app, command->model);
  app->add_option("-o,--output", command->output, "GGUF file to write")->required();
  add_output_options(*app, *command);
  app->get_option("--dtype")->required();
  app->callback([=] {
    if (!std::filesystem::path(command->output).string().ends_with(".gguf")) {
      throw Error("--output", "'" + command->output + "' doesn't end in .gguf",
                  "r1 convert writes folders");
    }
    run(*command);
  });
}

}  // namespace r1::app
