// r1 list: the models and data sets on this machine.
#include "hub/model_list.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "command.h"
#include "formats/json.h"
#include "hub/settings.h"
#include "terminal.h"

namespace r1::app {
namespace {

/// Models, then data sets.
std::vector<hub::ListedModel> everything() {
  std::vector<hub::ListedModel> all = hub::list_models();
  auto data_sets = hub::data_sets_in_hub_cache(hub::cache_folder());
  std::move(data_sets.begin(), data_sets.end(), std::back_inserter(all));
  return all;
}

void print_json(const std::vector<hub::ListedModel>& models) {
  auto document = nlohmann::ordered_json::array();
  for (const hub::ListedModel& model : models) {
    document.push_back({{"name", model.name},
                        {"path", model.path.string()},
                        {"format", model.format},
                        {"type", model.type},
                        {"bytes", model.bytes}});
  }
  std::puts(json_text(document).c_str());
}

void print_table(const std::vector<hub::ListedModel>& models) {
  if (models.empty()) {
    std::printf("no models in %s, $R1_MODELS or ./models; r1 pull fetches some\n",
                hub::cache_folder().c_str());
    return;
  }
  std::size_t width = 4;
  for (const hub::ListedModel& model : models) width = std::max(width, model.name.size());
  std::printf("%-*s  %-11s %-8s %8s  %s\n", static_cast<int>(width), "name", "format", "type",
              "size", "path");
  for (const hub::ListedModel& model : models) {
    std::printf("%-*s  %-11s %-8s %8s  %s\n", static_cast<int>(width),
                printable(model.name).c_str(), model.format.c_str(), model.type.c_str(),
                readable_bytes(model.bytes).c_str(), printable(model.path.string()).c_str());
  }
}

void print_unfinished() {
  for (const hub::Unfinished& repository : hub::unfinished_in_hub_cache(hub::cache_folder())) {
    std::printf("%s: unfinished, %s of a file are here; r1 pull goes on\n", repository.name.c_str(),
                readable_bytes(repository.bytes).c_str());
  }
}

}  // namespace

void add_list(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("list", "the models on this machine, and data sets of the hub");
  const auto options = std::make_shared<CommonOptions>();
  add_common_options(*command, *options, "r1 list");
  command->callback([options] {
    const std::vector<hub::ListedModel> models = everything();
    if (options->json) return print_json(models);
    print_table(models);
    print_unfinished();
  });
}

}  // namespace r1::app
