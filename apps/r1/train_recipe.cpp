#include "train_recipe.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>

#include "dashboard.h"
#include "formats/json.h"
#include "learn/recipe.h"

namespace r1::app {
namespace {

std::atomic<bool> stop_wanted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

/// While it lives, Ctrl-C asks the run to stop; the second one ends the program as ever.
class StopOnInterrupt {
 public:
  StopOnInterrupt() : interrupt_(std::signal(SIGINT, ask)), end_(std::signal(SIGTERM, ask)) {}
  ~StopOnInterrupt() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGTERM, end_);
  }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

 private:
  static void ask(int signal) {
    stop_wanted = true;
    std::signal(signal, SIG_DFL);
  }
  void (*interrupt_)(int);
  void (*end_)(int);
};

std::string duration(double seconds) {
  std::array<char, 32> text{};
  const auto whole = static_cast<long long>(seconds);
  if (seconds < 100) {
    std::snprintf(text.data(), text.size(), "%.0f s", seconds);
  } else if (seconds < 100 * 60) {
    std::snprintf(text.data(), text.size(), "%lld min", whole / 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld h %lld min", whole / 3600, whole / 60 % 60);
  }
  return text.data();
}

/// "sft 12/240  loss 1.234  312 tokens/s, 41 % of the matrix peak, 2.10 s a step, 8 min left"
void print_step(const nlohmann::ordered_json& metrics, std::int64_t left) {
  const double seconds = metrics.at("seconds");
  const std::int64_t done = metrics.at("stage_step");
  std::array<char, 160> speed{};
  std::snprintf(speed.data(), speed.size(),
                "%.0f tokens/s, %.0f %% of the matrix peak, %.2f s a step, ",
                metrics.at("tokens_per_second").get<double>(),
                100 * metrics.at("peak_share").get<double>(), seconds);
  std::string line = metrics.at("stage").get<std::string>() + " " + std::to_string(done) + "/" +
                     std::to_string(done + left);
  for (const char* key : {"loss", "validation_loss", "reward", "accuracy", "learning_rate"}) {
    if (!metrics.contains(key)) continue;
    std::array<char, 64> number{};
    std::snprintf(number.data(), number.size(), "  %s %.4g", key, metrics.at(key).get<double>());
    line += number.data();
  }
  std::cout << line << "  " << speed.data() << duration(seconds * static_cast<double>(left))
            << " left" << std::endl;
}

}  // namespace

void add_recipe_options(CLI::App& command, RecipeOptions& options) {
  command.add_option("recipe", options.run.recipe, "the recipe, a TOML file")
      ->check(CLI::ExistingFile)
      ->type_name("RECIPE.toml");
  command
      .add_option("--max-steps", options.run.max_steps,
                  "stop after so many steps of the whole run, saved")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 50))
      ->default_str("");
  command.add_flag("--resume", options.run.resume,
                   "go on with the run where it was last saved, to the same bits");
  command.add_option("--run-dir", options.run.run_folder,
                     "folder of the run, in place of the recipe's");
  command
      .add_option("--dashboard", options.dashboard,
                  "show the run's figures and samples as they come on a page at this port of "
                  "127.0.0.1 (0: any that is free)")
      ->check(CLI::Range(0, 65535))
      ->default_str("");
}

std::string recipe_help() {
  return R"(r1 train recipes/sft-135m.toml
  r1 train recipes/sft-135m.toml --resume
  r1 train --fixed-batches batches.jsonl -m folder --lr 1e-5

A recipe says what a run does. With your own model and your own data:

  [run]
  dir = "runs/mine"              # metrics, samples, checkpoints; the result in runs/mine/model
  seed = 1
  checkpoint_every = 100         # steps; keep = 2 of them stay, and the best

  [model]
  start = "SmolLM2-135M.gguf"    # any Llama, Qwen2 or DeepSeek model: GGUF file or folder,
                                 # or random weights: config = "config.json", its keys as a
                                 # section [model.config], or a shape of r1 bench, with
                                 # init_std, and tokenizer = "folder" or a first stage of
                                 # type "tokenizer" (recipes/r1-tiny.toml)
  dtype = "bf16"                 # or "f32", or "fp8" as DeepSeek-V3 trained (emulated)

  # [lora]                       # leave the weights as they are and learn an adapter:
  # rank = 8                     # alpha, targets = ["q_proj", "v_proj"]; merge = true in [run]

  [[stage]]                      # as many as you like, one after the other
  type = "sft"                   # or "pretrain"
  data = "mine.jsonl"            # a line: {"messages": [{"role", "content"}, ...]},
                                 # {"prompt", "completion"} or {"text"}; other keys:
  # fields = { prompt = "question", completion = "solution" }
  # as_chat = true               # put prompt and completion into the chat template
  # tasks = "all"                # documents of r1 tasks in place of data, or beside it:
                                 # documents = 1000, difficulties = [2, 1, 1] (weights)
  validation = "held-out.jsonl"
  epochs = 2                     # or steps
  batch_documents = 32           # or batch_tokens
  learning_rate = 2e-5
  warmup_steps = 10
  schedule = "cosine"            # constant, linear, stepped, phases

  # [[stage]]                    # then reinforcement learning on verified answers
  # type = "grpo"                # also "reject" and "distill"
  # tasks = ["countdown"]        # r1 tasks --list
  # steps = 200

A number may be a formula in quotes of names in a section [dial] (recipes/dial.toml).
Files count from the recipe's folder, the run's folder from the current one; ${NAME} is a
variable of the environment. Only what the assistant says is learned (learn = "all" for
everything). Press Ctrl-C to save and leave. The result is used as any model:
r1 chat -m runs/mine/model. docs/training.md tells more.)";
}

RunResult train_recipe(RecipeOptions options) {
  stop_wanted = false;
  const StopOnInterrupt interrupt;
  options.run.stop = &stop_wanted;
  options.run.note = [](const std::string& sentence) {
    std::fprintf(stderr, "r1: %s\n", sentence.c_str());
  };
  options.run.on_step = [&](const nlohmann::ordered_json& metrics, std::int64_t left) {
    if (options.json) {
      std::cout << json_text(metrics) << std::endl;
    } else {
      print_step(metrics, left);
    }
  };
  std::optional<Dashboard> dashboard;
  if (options.dashboard >= 0) {
    const Recipe recipe = Recipe::open(options.run.recipe, options.run.run_folder);
    dashboard.emplace(recipe.run_folder(), options.dashboard);
    std::fprintf(stderr, "r1: the run's page is %s\n", dashboard->address().c_str());
  }
  const RunResult result = run_recipe(options.run);
  if (options.json) return result;
  if (!result.model.empty()) {
    std::cout << "after " << result.steps << " steps the model is in " << result.model.string()
              << '\n';
  } else {
    std::cout << "saved after " << result.steps << " steps in " << result.folder.string()
              << ": --resume goes on\n";
  }
  return result;
}

}  // namespace r1::app
