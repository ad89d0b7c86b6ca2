// What the subcommands share: how they are registered and the options all of them take.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace r1::app {

/// One function a subcommand, each in the file of its name: adds it with its options, example and
/// action to the program.
void add_bench(CLI::App& program);
void add_info(CLI::App& program);
void add_list(CLI::App& program);
void add_pull(CLI::App& program);
void add_rm(CLI::App& program);
void add_convert(CLI::App& program);
void add_quantize(CLI::App& program);
void add_chat(CLI::App& program);
void add_run(CLI::App& program);
void add_serve(CLI::App& program);
void add_score(CLI::App& program);
void add_tokenize(CLI::App& program);
void add_grade(CLI::App& program);
void add_tasks(CLI::App& program);
void add_judge(CLI::App& program);
void add_eval(CLI::App& program);
void add_plan(CLI::App& program);
void add_plot(CLI::App& program);
void add_train(CLI::App& program);
void add_watch(CLI::App& program);
void add_debug(CLI::App& program);
/// Adds its command to `r1 debug`.
void add_grpo_loss(CLI::App& debug);
void add_completion(CLI::App& program);
void add_manual(CLI::App& program);

/// Options every command honours.
struct CommonOptions {
  bool json = false;
};
/// Adds --json and --threads, and the example to the end of the help text.
void add_common_options(CLI::App& command, CommonOptions& options, const std::string& example);
/// Adds the required -m,--model: `model` becomes the path of what is named.
CLI::Option* add_model_option(CLI::App& command, std::string& model);
/// Makes -m optional: without it the command takes the model that comes with the program.
void default_to_shipped_model(CLI::App& command, std::string& model);
/// Its path. Throws Error where the program stands without its models.
std::string shipped_model();

}  // namespace r1::app
