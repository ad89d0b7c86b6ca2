#include "command.h"

#include <filesystem>

#include "base/error.h"
#include "base/threads.h"
#include "hub/cache.h"
#include "hub/model_list.h"
#include "hub/name.h"
#include "hub/settings.h"

namespace r1::app {

void add_common_options(CLI::App& command, CommonOptions& options, const std::string& example) {
  command.add_flag("--json", options.json, "print JSON on stdout, and nothing else there");
  command.add_option_function<int>(
      "-t,--threads", [](int count) { set_threads(count); },
      "threads to compute with (default: all processors)");
  command.footer("Example:\n  " + example);
}

namespace {

constexpr const char* kShippedModel = "r1-tiny";

/// The file of a model that comes with the program; empty if it isn't there.
std::filesystem::path shipped_file(const std::string& name) {
  const std::filesystem::path folder = hub::shipped_models(), file = folder / (name + ".gguf");
  std::error_code ignored;
  return !folder.empty() && std::filesystem::exists(file, ignored) ? file : std::filesystem::path();
}

/// What -m names: a path, a model that comes with the program, one of the hub that is in the cache,
/// or one that r1 list shows.
std::string find_model(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return name;
  if (const auto file = shipped_file(name); !file.empty()) return file.string();
  const auto on_hub = hub::try_name(name);
  if (on_hub && !on_hub->data_set) {
    if (const auto path = hub::find_cached(hub::cache_folder(), *on_hub)) return path->string();
  }
  for (const hub::ListedModel& model : hub::list_models()) {
    if (model.name == name) return model.path.string();
  }
  if (on_hub && !on_hub->data_set) {
    throw Error(name, "no such file or folder, and no model of the hub that is on this machine",
                "r1 pull " + name + " fetches it");
  }
  throw Error(name, "no such file or folder, and no model that r1 list shows",
              "give a GGUF file, a Hugging Face folder or a name of the hub");
}

}  // namespace

CLI::Option* add_model_option(CLI::App& command, std::string& model) {
  // Looked up when all options are read and fit together: wrong usage is said first.
  command.parse_complete_callback([&model] {
    if (!model.empty()) model = find_model(model);
  });
  return command
      .add_option(
          "-m,--model", model,
          "GGUF file, Hugging Face folder, or the name of a model that r1 pull has fetched or "
          "r1 list shows")
      ->required();
}

std::string shipped_model() {
  const std::filesystem::path file = shipped_file(kShippedModel);
  if (file.empty()) {
    throw Error(kShippedModel, "isn't beside this program",
                "name a model with -m, or run the program in build/ or an installed one");
  }
  return file.string();
}

void default_to_shipped_model(CLI::App& command, std::string& model) {
  command.get_option("--model")->required(false);
  command.parse_complete_callback(
      [&model] { model = model.empty() ? shipped_model() : find_model(model); });
}

}  // namespace r1::app
