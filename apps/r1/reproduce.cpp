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
  double mean = 0;
  std::int64_t count = 0;  // questions of each
};

Record read_record(const fs::path& path) {
  Record record;
  try {
    const Json whole = parse_json(read_file(path), path.string()).at("whole");
    record.mean = whole.at("mean").get<double>();
    for (const auto& [task, figures] : whole.at("tasks").items()) {
      record.scores[task] = figures.at("pass@1").get<double>();
      record.count = figures.at("n").get<std::int64_t>();
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(path.string(), "is no record of a model's scores");
  }
  return record;
}

/// Greedy, as the record was made; samples go to `folder`.
std::vector<evaluate::Summary> summaries_of(const fs::path& model, const Record& record,
                                            const fs::path& folder) {
  ModelOptions options;
  options.model = model.string();
  const LoadedModel loaded = load_model(options, 16);
  GenerateOptions generate;
  generate.sampling.temperature = 0;
  generate.max_tokens = 2048;
  evaluate::EngineResponder responder(*loaded.engine, model.filename().string(), generate,
                                      evaluate::PromptForm::chat);
  fs::remove_all(folder);  // other weights may have answered there
  fs::create_directories(folder);
  std::vector<evaluate::Summary> summaries;
  for (const auto& [task, recorded] : record.scores) {
    const evaluate::Suite suite = evaluate::task_suite(tasks::find_tasks(task, {}).front(),
                                                       tasks::Split::test, 0, record.count);
    const std::vector<evaluate::Question> questions = suite.load({});
    evaluate::SampleFile file(folder / (task + ".jsonl"),
                              {{"suite", task}, {"model", model.string()}});
    evaluate::run_suite(suite, questions, 1, responder, file);
    summaries.push_back(evaluate::summarize(suite, questions, file.samples(), 1, responder.name()));
  }
  return summaries;
}

void print(const Record& record, const std::vector<evaluate::Summary>& again, bool as_json) {
  const double mean = evaluate::mean_pass_at_1(again);
  if (as_json) {
    Json scores = Json::object();
    for (const evaluate::Summary& one : again) scores[one.suite] = one.pass_at_1;
    std::cout << json_text(Json{{"recorded", record.scores},
                                {"again", scores},
                                {"recorded_mean", record.mean},
                                {"again_mean", mean}})
              << '\n';
    return;
  }
  const auto line = [](const char* name, double recorded, double now) {
    std::printf("%-22s %8.1f%% %8.1f%%\n", name, 100 * recorded, 100 * now);
  };
  std::printf("%-22s %9s %9s\n", "pass@1, greedy", "recorded", "again");
  for (const evaluate::Summary& one : again) {
    line(one.suite.c_str(), record.scores.at(one.suite), one.pass_at_1);
  }
  line("mean", record.mean, mean);
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
  print(record, summaries_of(model, record, result.folder / "eval"), options.json);
}

}  // namespace r1::app
