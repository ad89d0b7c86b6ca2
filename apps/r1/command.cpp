#include "command.h"

#include "base/threads.h"

namespace r1::app {

void add_common_options(CLI::App& command, CommonOptions& options, const std::string& example) {
  command.add_flag("--json", options.json, "print JSON on stdout, and nothing else there");
  command.add_option_function<int>(
      "-t,--threads", [](int count) { set_threads(count); },
      "threads to compute with (default: all processors)");
  command.footer("Example:\n  " + example);
}

void add_model_option(CLI::App& command, std::string& model) {
  command
      .add_option("-m,--model", model, "GGUF file, Hugging Face folder, hub name or r1-tiny")
      ->required();
}

}  // namespace r1::app
