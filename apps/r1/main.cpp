// r1: DeepSeek-R1 whole, in one program. Each subcommand is a file of its own in this folder.
#include <cstdio>
#include <exception>
#include <string>

#include "command.h"

int main(int argc, char** argv) {
  CLI::App program{"r1 - language models of the DeepSeek-R1 family on ordinary processors"};
  program.set_version_flag("--version", R1_VERSION);
  program.require_subcommand(1);
  program.set_help_all_flag("--help-all", "help of every command");
  program.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "r1: " + std::string(error.what()) + "; --help says more\n";
  });
  try {
    r1::app::add_chat(program);
    r1::app::add_run(program);
    r1::app::add_serve(program);
    r1::app::add_score(program);
    r1::app::add_bench(program);
    r1::app::add_info(program);
    r1::app::add_list(program);
    r1::app::add_pull(program);
    r1::app::add_rm(program);
    r1::app::add_convert(program);
    r1::app::add_quantize(program);
    r1::app::add_tokenize(program);
    r1::app::add_grade(program);
    r1::app::add_tasks(program);
    r1::app::add_judge(program);
    r1::app::add_eval(program);
    r1::app::add_plan(program);
    r1::app::add_plot(program);
    r1::app::add_train(program);
    r1::app::add_watch(program);
    r1::app::add_debug(program);
    r1::app::add_completion(program);
    r1::app::add_manual(program);
    program.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "r1: %s\n", error.what());
    return 1;
  }
}
