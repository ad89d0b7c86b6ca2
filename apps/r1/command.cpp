#include "command.h"

#include <filesystem>

#include "base/error.h"
#include "base/threads.h"
#include "formats/model_list.h"

namespace r1::app {

void add_common_options(CLI::App& command, CommonOptions& options, const std::string& example) {
  command.add_flag("--json", options.json, "print JSON on stdout, and nothing else there");
  command.add_option_function<int>(
      "-t,--threads", [](int count) { set_threads(count); },
      "threads to compute with (default: all processors)");
  command.footer("Example:\n  " + example);
}

namespace {

/// What -m names: a path, or a model of r1 list.
std::string model_path(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return name;
  for (const ListedModel& model : list_models()) {
    if (model.name == name) return model.path.string();
  }
  throw Error(name, "no such file or folder, and no model that r1 list shows",
              "give a GGUF file or a Hugging Face folder");
}

}  // namespace

CLI::Option* add_model_option(CLI::App& command, std::string& model) {
  // Looked up when all options are read and fit together: wrong usage is said first.
  command.parse_complete_callback([&model] {
    if (!model.empty()) model = model_path(model);
  });
  return command
      .add_option("-m,--model", model,
                  "GGUF file, Hugging Face folder, or a name that r1 list shows")
      ->required();
}

}  // namespace r1::app
