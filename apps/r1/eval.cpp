// r1 eval: benchmarks, with intervals, resumable.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "command.h"
#include "evaluate/endpoint_responder.h"
#include "evaluate/evaluation.h"
#include "evaluate/report.h"
#include "evaluate/summary.h"
#include "evaluate/task_suite.h"
#include "formats/json.h"
#include "hub/pull.h"
#include "load_model.h"
#include "sampling_options.h"
#include "tasks/code/sandbox.h"

namespace r1::app {
namespace {

using namespace evaluate;
namespace fs = std::filesystem;

struct EvalOptions {
  CommonOptions common;
  ModelOptions model;
  GenerateOptions generate;
  Endpoint endpoint;
  std::string suites, tasks, split = "test", data, out = "eval";
  std::vector<std::string> compared;
  std::int64_t samples = 0, count = 0;
  bool greedy = false, plain = false, paper = false, list = false, unsafe = false;

  bool remote() const { return !endpoint.url.empty(); }
};

/// The project's own tasks have one right answer that a model either computes or doesn't: they are
/// asked greedily where nothing else is said.
bool is_greedy(const EvalOptions& options, const CLI::App& command) {
  return options.greedy ||
         (!options.tasks.empty() && command.count("--temperature") == 0 && options.samples <= 1);
}

/// The folder with the files of data sets, fetched if it has a hub's name.
fs::path data_folder(const EvalOptions& options) {
  constexpr std::string_view kHub = "hf:";
  std::string name = options.data;
  if (const char* folder = std::getenv("R1_DATA"); name.empty() && folder != nullptr) name = folder;
  if (!name.starts_with(kHub)) return name;
  return hub::data_set_folder(name.substr(kHub.size()), hub::settings_of_environment());
}

Sources sources_of(const EvalOptions& options) {
  // Made when the first program is to be run: other suites need none.
  struct Lazy {
    std::once_flag once;
    std::unique_ptr<Sandbox> sandbox;
  };
  const auto lazy = std::make_shared<Lazy>();
  const auto isolation = options.unsafe ? Sandbox::Isolation::none : Sandbox::Isolation::bubblewrap;
  return {data_folder(options), [lazy, isolation]() -> const Sandbox& {
            std::call_once(lazy->once,
                           [&] { lazy->sandbox = std::make_unique<Sandbox>(isolation); });
            return *lazy->sandbox;
          }};
}

void list_suites(bool as_json) {
  for (const Suite& suite : all_suites()) {
    if (as_json) {
      std::cout << json_text(nlohmann::ordered_json{
                       {"name", suite.name}, {"about", suite.about}, {"samples", suite.samples}})
                << '\n';
    } else {
      std::cout << suite.name << std::string(16 - std::min<std::size_t>(15, suite.name.size()), ' ')
                << suite.about << '\n';
    }
  }
}

std::string model_name(const EvalOptions& options) {
  if (options.remote()) return options.endpoint.model;
  const fs::path path = options.model.model;
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// What has to be the same for samples to belong to one run. A model that was written again is
/// another one.
nlohmann::ordered_json settings_of(const EvalOptions& options, const std::string& suite) {
  const SamplingOptions& sampling = options.generate.sampling;
  std::string path = options.endpoint.url;
  std::int64_t written = 0;
  if (!options.remote()) {
    path = fs::canonical(options.model.model).string();
    written = fs::last_write_time(path).time_since_epoch().count();
  }
  return {{"suite", suite},
          {"model", model_name(options)},
          {"path", path},
          {"written", written},
          {"tasks", options.tasks.empty() ? "" : options.split},
          {"count", options.count},
          {"temperature", sampling.temperature},
          {"top_p", sampling.top_p},
          {"top_k", sampling.top_k},
          {"min_p", sampling.min_p},
          {"repetition_penalty", sampling.repetition_penalty},
          {"seed", sampling.seed},
          {"max_tokens", options.generate.max_tokens},
          {"thinking_budget", options.generate.thinking_budget},
          {"dtype", options.model.dtype},
          {"lora", options.model.lora},
          {"prompt", options.plain ? "plain" : "chat"}};
}

/// The suite's name and a sum of the settings: runs with others have files of their own.
fs::path sample_path(const EvalOptions& options, const nlohmann::ordered_json& settings) {
  char sum[17];
  std::snprintf(sum, sizeof sum, "%016zx", std::hash<std::string>()(json_text(settings)));
  return fs::path(options.out) /
         (settings["suite"].get<std::string>() + "-" + std::string(sum, 8) + ".jsonl");
}

void compare(const EvalOptions& options) {
  std::cout << compare_runs(read_samples(options.compared[0]), read_samples(options.compared[1]));
}

struct Loaded {
  Suite suite;
  std::vector<Question> questions;
};

void write_reports(const fs::path& folder, const std::vector<Summary>& summaries) {
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (const Summary& summary : summaries) results.push_back(json_of(summary));
  write_file(folder / "results.json", json_text(results, 2) + "\n");
  write_file(folder / "results.md", markdown_table(summaries));
}

/// Everything that can be wrong with names and data is said before a model is loaded.
std::vector<Loaded> load_suites(const EvalOptions& options) {
  std::vector<Loaded> all;
  if (!options.tasks.empty()) {
    constexpr std::int64_t kTaskQuestions = 200;
    const auto split = options.split == "train" ? tasks::Split::train : tasks::Split::test;
    for (const tasks::Task& task : tasks::find_tasks(options.tasks, data_folder(options))) {
      Suite suite = task_suite(task, split, options.generate.sampling.seed,
                               options.count > 0 ? options.count : kTaskQuestions);
      std::vector<Question> questions = suite.load({});
      all.push_back({std::move(suite), std::move(questions)});
    }
    return all;
  }
  const Sources sources = sources_of(options);
  for (Suite& suite : find_suites(options.suites)) {
    std::vector<Question> questions = choose_questions(suite.load(sources), options.count);
    all.push_back({std::move(suite), std::move(questions)});
  }
  return all;
}

void print(const std::vector<Summary>& summaries, const EvalOptions& options) {
  const double mean = mean_pass_at_1(summaries);
  if (!options.common.json) {
    std::cout << markdown_table(summaries);
    if (!options.tasks.empty()) std::printf("\nmean pass@1 of the tasks: %.1f %%\n", 100 * mean);
    if (options.paper) std::cout << '\n' << paper_table(summaries);
    return;
  }
  nlohmann::ordered_json each = nlohmann::ordered_json::object();
  for (const Summary& summary : summaries) each[summary.suite] = json_of(summary);
  const nlohmann::ordered_json all = {{options.tasks.empty() ? "suites" : "tasks", each},
                                      {"mean", mean}};
  std::cout << json_text(all) << '\n';
}

Summary run(const Loaded& one, const EvalOptions& options, Responder& responder) {
  const std::int64_t samples = options.greedy        ? 1
                               : options.samples > 0 ? options.samples
                                                     : one.suite.samples;
  const nlohmann::ordered_json settings = settings_of(options, one.suite.name);
  const fs::path path = sample_path(options, settings);
  SampleFile file(path, settings);
  run_suite(one.suite, one.questions, samples, responder, file);
  Summary summary = summarize(one.suite, one.questions, file.samples(), samples, responder.name());
  write_file(fs::path(path).replace_extension(".html"),
             html_report(summary, one.questions, file.samples()));
  return summary;
}

void run_all(const std::vector<Loaded>& all, const EvalOptions& options, Responder& responder) {
  fs::create_directories(options.out);
  std::vector<Summary> summaries;
  for (const Loaded& one : all) {
    summaries.push_back(run(one, options, responder));
    write_reports(options.out, summaries);
  }
  print(summaries, options);
}

PromptForm form_of(const EvalOptions& options) {
  return options.plain ? PromptForm::plain : PromptForm::chat;
}

void ask_endpoint(const std::vector<Loaded>& all, EvalOptions& options) {
  // A key that isn't on the command line isn't seen by others on the machine.
  const char* key = std::getenv("R1_API_KEY");
  if (options.endpoint.key.empty() && key != nullptr) options.endpoint.key = key;
  EndpointResponder responder(options.endpoint, options.generate, form_of(options));
  options.endpoint.model = responder.name();
  run_all(all, options, responder);
}

void ask_model(const std::vector<Loaded>& all, EvalOptions& options, const CLI::App& command) {
  const LoadedModel loaded = load_model(options.model, 16);
  if (loaded.engine->tokenizer() == nullptr) throw Error(options.model.model, "has no tokenizer");
  use_model_defaults(command, loaded.checkpoint, options.generate);
  if (options.greedy) options.generate.sampling.temperature = 0;
  options.plain = options.plain || loaded.engine->tokenizer()->chat_template().empty();
  EngineResponder responder(*loaded.engine, model_name(options), options.generate,
                            form_of(options));
  run_all(all, options, responder);
}

void evaluate_suites(EvalOptions& options, const CLI::App& command) {
  if (options.suites.empty() && options.tasks.empty()) {
    throw CLI::RequiredError("--suite, --tasks, --list or --compare");
  }
  if (options.model.model.empty() && !options.remote()) {
    options.model.model = shipped_model();
  }
  options.greedy = is_greedy(options, command);
  if (options.greedy) options.generate.sampling.temperature = 0;
  const std::vector<Loaded> all = load_suites(options);
  if (options.remote()) {
    ask_endpoint(all, options);
  } else {
    ask_model(all, options, command);
  }
}

void evaluate(EvalOptions options, const CLI::App& command) {
  if (options.list) {
    list_suites(options.common.json);
  } else if (!options.compared.empty()) {
    compare(options);
  } else {
    evaluate_suites(options, command);
  }
}

void add_endpoint_options(CLI::App& command, Endpoint& endpoint) {
  CLI::Option* url = command.add_option(
      "--endpoint", endpoint.url,
      "a server to ask instead of a file's model, by OpenAI's protocol, as http://host:8080/v1");
  url->excludes("--model");
  command.add_option("--endpoint-model", endpoint.model, "the model's name there")->needs(url);
  command.add_option("--api-key", endpoint.key, "the server's key (better: in $R1_API_KEY)")
      ->needs(url);
  command.add_option("--concurrency", endpoint.concurrency, "requests to the server at a time")
      ->needs(url)
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command.add_flag("!--no-stream", endpoint.stream, "ask for answers in one piece")->needs(url);
}

}  // namespace

void add_eval(CLI::App& program) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.add_subcommand(
      "eval",
      "measure a model on benchmarks: pass@1 with its interval, cons@k, pass@k; what is "
      "done is kept, and the same command goes on where it stood");
  add_common_options(*command, options->common,
                     "r1 eval --suite aime2024,math500 -k 4 --data datasets -m model.gguf");
  add_model_options(*command, options->model);
  command->get_option("--model")->required(false);
  add_endpoint_options(*command, options->endpoint);
  add_sampling_options(*command, options->generate);
  command->add_option("--suite", options->suites, "suites, with commas between; --list names them");
  command
      ->add_option(
          "--tasks", options->tasks,
          "the project's own tasks, with commas, or all; greedy unless --temperature or -k say "
          "otherwise")
      ->excludes("--suite");
  command->add_option("--split", options->split, "side of the tasks")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "test"}));
  command
      ->add_option("-k,--samples", options->samples,
                   "samples of each question (default: R1's number for the suite)")
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option("--count", options->count,
                   "only so many questions, spread over the suite (tasks: 200)")
      ->check(CLI::Range(1, 1 << 30));
  command->add_option(
      "--data", options->data,
      "folder with the files of the data sets, or hf:org/name of the hub (default: $R1_DATA)");
  command->add_option("--out", options->out, "folder for samples and reports")
      ->capture_default_str();
  command->add_flag("--greedy", options->greedy, "the most probable tokens, one sample");
  command->add_flag("--plain", options->plain,
                    "questions as they are, without the chat template, for base models");
  command->add_flag("--paper", options->paper, "R1's published results beside the run's");
  command->add_flag("--list", options->list, "the suites there are");
  command->add_option("--compare", options->compared, "two files of samples, compared in pairs")
      ->expected(2);
  command->add_flag("--unsafe-run-without-sandbox", options->unsafe,
                    "run the model's programs with all rights of yours, where there is no sandbox");
  command->callback([options, command] { evaluate(*options, *command); });
}

}  // namespace r1::app
