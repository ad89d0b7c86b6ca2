// r1 rm: removes models and data sets from the hub's cache.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/memory.h"
#include "command.h"
#include "formats/json.h"
#include "hub/cache.h"
#include "hub/choice.h"
#include "hub/settings.h"
#include "terminal.h"

namespace r1::app {
namespace {

struct RemoveCommand {
  CommonOptions common;
  std::string name;
  bool yes = false;
};

/// The paths that the name means, in whatever snapshot; none for everything.
std::vector<std::string> meant_paths(const hub::Name& name, const hub::CachedRepository& cache) {
  if (name.choice.empty()) return {};
  std::vector<std::string> all;
  for (const auto& snapshot : cache.snapshots("main")) {
    for (std::string& file : hub::files_in(snapshot)) all.push_back(std::move(file));
  }
  return hub::files_to_fetch(name, all);
}

bool confirm(const std::string& question) {
  if (!is_terminal(0)) {
    throw Error("r1 rm", "nobody is there to confirm it", "give --yes");
  }
  std::cerr << question << " [y/N] ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

void remove(const RemoveCommand& command) {
  const hub::Name name = hub::parse_name(command.name);
  const hub::CachedRepository cache(hub::cache_folder(), name);
  std::error_code ignored;
  if (!std::filesystem::is_directory(cache.folder(), ignored)) {
    throw Error(command.name, "is not in " + hub::cache_folder().string(), "r1 list shows what is");
  }
  const auto removal = cache.plan_removal(meant_paths(name, cache));
  const std::string what = (removal.everything ? cache.folder().string() : name.text()) + ", " +
                           readable_bytes(removal.bytes);
  if (!command.yes && !confirm("remove " + what + "?")) throw Error(command.name, "is kept");
  cache.remove(removal);
  if (command.common.json) {
    std::puts(
        json_text(nlohmann::ordered_json{{"name", name.text()}, {"bytes", removal.bytes}}).c_str());
  } else {
    std::printf("removed %s\n", what.c_str());
  }
}

}  // namespace

void add_rm(CLI::App& program) {
  const auto options = std::make_shared<RemoveCommand>();
  CLI::App* command =
      program.add_subcommand("rm", "remove a model or data set from the hub's cache");
  add_common_options(*command, options->common, "r1 rm deepseek-r1:1.5b");
  command
      ->add_option("name", options->name,
                   "org/name for all that is here of it, or one of its models as r1 pull and r1 "
                   "list name them")
      ->required();
  command->add_flag("-y,--yes", options->yes, "don't ask");
  command->callback([options] { remove(*options); });
}

}  // namespace r1::app
