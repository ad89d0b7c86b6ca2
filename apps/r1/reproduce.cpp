#include "reproduce.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "command.h"
#include "evaluate/evaluation.h"
#include "evaluate/summary.h"
#include "evaluate/task_suite.h"
#include "formats/convert/convert.h"
#include "formats/json.h"
#include "hub/model_list.h"
#include "load_model.h"
#include "tasks/task.h"

namespace r1::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What `r1 eval --tasks all --json` printed of the model when it was made.
struct Record {
  std::map<std::string, double> scores;  // pass@1 by task
  std::int64_t count = 0;                // questions of each
};

Record read_record(const fs::path& path) {
  Record record;
  try {
    const Json whole = parse_json(read_file(path), path.string()).at("whole");
    for (const auto& [task, figures] : whole.at("tasks").items()) {
      record.scores[task] = figures.at("pass@1").get<double>();
      record.count = figures.at("n").get<std::int64_t>();
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(path.string(), "is no record of a model's scores");
  }
  return record;
}

/// Greedy, as the record was made; samples are kept in `folder`.
std::map<std::string, double> scores_of(const fs::path& model, const Record& record,
                                        const fs::path& folder) {
  ModelOptions options;
  options.model = model.string();
  const LoadedModel loaded = load_model(options, 16);
  GenerateOptions generate;
  generate.sampling.temperature = 0;
  generate.max_tokens = 2048;
  evaluate::EngineResponder responder(*loaded.engine, model.filename().string(), generate,
                                      evaluate::PromptForm::chat);
  fs::create_directories(folder);
  std::map<std::string, double> scores;
  for (const auto& [task, recorded] : record.scores) {
    const evaluate::Suite suite = evaluate::task_suite(tasks::find_tasks(task, {}).front(),
                                                       tasks::Split::test, 0, record.count);
    const std::vector<evaluate::Question> questions = suite.load({});
    evaluate::SampleFile file(folder / (task + ".jsonl"),
                              {{"suite", task}, {"model", model.string()}});
    evaluate::run_suite(suite, questions, 1, responder, file);
    scores[task] =
        evaluate::summarize(suite, questions, file.samples(), 1, responder.name()).pass_at_1;
  }
  return scores;
}

double mean_of(const std::map<std::string, double>& scores) {
  double sum = 0;
  for (const auto& [task, score] : scores) sum += score;
  return scores.empty() ? 0 : sum / static_cast<double>(scores.size());
}

void print(const std::map<std::string, double>& recorded,
           const std::map<std::string, double>& again, bool as_json) {
  if (as_json) {
    std::cout << json_text(Json{{"recorded", recorded},
                                {"again", again},
                                {"recorded_mean", mean_of(recorded)},
                                {"again_mean", mean_of(again)}})
              << '\n';
    return;
  }
  std::printf("%-22s %9s %9s\n", "pass@1, greedy", "recorded", "again");
  for (const auto& [task, score] : recorded) {
    std::printf("%-22s %8.1f%% %8.1f%%\n", task.c_str(), 100 * score, 100 * again.at(task));
  }
  std::printf("%-22s %8.1f%% %8.1f%%\n", "mean", 100 * mean_of(recorded), 100 * mean_of(again));
}

}  // namespace

void reproduce(const std::string& name, RecipeOptions options) {
  const fs::path models = hub::shipped_models();
  const fs::path record_path = models / (name + ".json");
  if (models.empty() || !fs::exists(record_path)) {
    throw Error(name, "isn't among the models that come with the program",
                "r1-tiny is, in a built source tree or an installed program");
  }
  const Record record = read_record(record_path);
  options.run.recipe = models.parent_path() / "recipes" / (name + ".toml");
  if (options.run.run_folder.empty()) options.run.run_folder = "runs/" + name + "-again";
  options.run.resume = fs::exists(options.run.run_folder / "checkpoints");
  const RunResult result = train_recipe(options);
  if (!result.finished) return;
  const fs::path model = result.folder / (name + ".gguf");
  ConvertOptions shipped;
  shipped.source = result.model;
  shipped.target = model;
  shipped.format = "q8_0";
  convert(shipped);
  print(record.scores, scores_of(model, record, result.folder / "eval"), options.json);
}

}  // namespace r1::app
