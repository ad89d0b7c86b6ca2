// r1 train: a run by a recipe, or steps on given batches.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/stopwatch.h"
#include "command.h"
#include "formats/json.h"
#include "learn/optimizer.h"
#include "learning_model.h"
#include "reproduce.h"
#include "train_recipe.h"

namespace r1::app {
namespace {

struct TrainOptions {
  CommonOptions common;
  LearningOptions learning;
  OptimizerOptions adamw;
  std::vector<double> betas = {0.9, 0.95};
  double learning_rate = 1e-3;
  std::string batches, metrics, save, reproduced;
  RecipeOptions recipe;
};

using Batch = std::vector<std::vector<int>>;

std::vector<Batch> read_batches(const std::string& path) {
  const std::string text = read_file(path);
  std::vector<Batch> batches;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = path + ":" + std::to_string(line_number);
    try {
      batches.push_back(parse_json(line, where).at("batch").get<Batch>());
    } catch (const nlohmann::json::exception&) {
      throw Error(where, "has no \"batch\" of lists of ids");
    }
  }
  if (batches.empty()) throw Error(path, "holds no batch");
  return batches;
}

void train_fixed_batches(const TrainOptions& options) {
  const std::vector<Batch> batches = read_batches(options.batches);
  if (!options.save.empty() && std::filesystem::exists(options.save)) {
    throw Error(options.save, "is there already", "give a new name or remove it first");
  }
  const LearningModel learning = load_learning_model(options.learning);
  const Model& model = learning.model();
  OptimizerOptions adamw = options.adamw;
  adamw.beta1 = options.betas[0];
  adamw.beta2 = options.betas[1];
  Optimizer optimizer(model.parameters(), adamw);
  std::string metrics;
  for (const Batch& batch : batches) {
    const Stopwatch watch;
    const double loss = accumulate_gradients(model, batch, options.learning);
    const double norm = optimizer.step(options.learning_rate);
    const double seconds = watch.seconds();
    std::size_t tokens = 0;
    for (const auto& document : batch) tokens += document.size();
    const nlohmann::ordered_json step = {
        {"step", optimizer.steps()},
        {"loss", loss},
        {"grad_norm", norm},
        {"tokens_per_second", static_cast<double>(tokens) / seconds}};
    metrics += json_text(step) + "\n";
    if (options.common.json) {
      std::cout << json_text(step) << std::endl;
    } else {
      std::cout << "step " << optimizer.steps() << ", loss " << loss << ", gradient norm " << norm
                << std::endl;
    }
  }
  if (!options.metrics.empty()) write_file(options.metrics, metrics);
  if (!options.save.empty()) learning.save(options.save);
}

void train(const TrainOptions& options) {
  RecipeOptions given = options.recipe;
  given.json = options.common.json;
  given.run.metrics = options.metrics;
  if (!options.reproduced.empty()) return reproduce(options.reproduced, given);
  const bool recipe = !options.recipe.run.recipe.empty(), batches = !options.batches.empty();
  if (recipe == batches) throw CLI::RequiredError("a recipe, or --fixed-batches with -m,");
  if (!recipe) {
    if (options.learning.model.empty()) throw CLI::RequiredError("-m");
    return train_fixed_batches(options);
  }
  train_recipe(given);
}

}  // namespace

void add_train(CLI::App& program) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = program.add_subcommand("train", "train a model by a recipe");
  add_common_options(*command, options->common, recipe_help());
  add_recipe_options(*command, options->recipe);
  add_learning_options(*command, options->learning);
  command->get_option("--model")->required(false);
  command->add_option("--fixed-batches", options->batches,
                      "in place of a recipe: a file with {\"batch\": [[ids], ...]} a line, one "
                      "step of AdamW each");
  command
      ->add_option("--reproduce", options->reproduced,
                   "in place of a recipe: make a model that comes with the program again, such as "
                   "r1-tiny, and compare its scores with the recorded ones; goes on where it stood")
      ->excludes("recipe");
  command->add_option("--lr", options->learning_rate, "learning rate")->check(CLI::Range(0.0, 1e3));
  command->add_option("--betas", options->betas, "AdamW's decay of its moments, like 0.9,0.95")
      ->delimiter(',')
      ->expected(2)
      ->check(CLI::Range(0.0, 0.9999999));
  command->add_option("--eps", options->adamw.eps, "AdamW's epsilon")->check(CLI::Range(0.0, 1.0));
  command->add_option("--weight-decay", options->adamw.weight_decay, "decay of matrices")
      ->check(CLI::Range(0.0, 1e3));
  command->add_option("--clip", options->adamw.clip, "largest norm of the gradients (0: any)")
      ->check(CLI::Range(0.0, 1e9));
  add_optimizer_options(*command, options->adamw);
  command->add_option("--json-metrics", options->metrics,
                      "write a JSON object a step to this file");
  command->add_option("--save", options->save,
                      "with --fixed-batches: the folder to write the final weights to, in float "
                      "(with --lora, the adapter)");
  command->callback([options] { train(*options); });
}

}  // namespace r1::app
