// r1 list: the models on this machine.
#include "formats/model_list.h"

#include <cstdio>
#include <memory>

#include "command.h"
#include "formats/json.h"
#include "models/memory_need.h"

namespace r1::app {
namespace {

void print_json(const std::vector<ListedModel>& models) {
  auto document = nlohmann::ordered_json::array();
  for (const ListedModel& model : models) {
    document.push_back({{"name", model.name},
                        {"path", model.path.string()},
                        {"format", model.format},
                        {"type", model.type},
                        {"bytes", model.bytes}});
  }
  std::puts(json_text(document).c_str());
}

void print_table(const std::vector<ListedModel>& models) {
  if (models.empty()) {
    std::printf("no models in %s, $R1_MODELS or ./models\n", hub_cache().c_str());
    return;
  }
  std::size_t width = 4;
  for (const ListedModel& model : models) width = std::max(width, model.name.size());
  std::printf("%-*s  %-11s %-8s %8s  %s\n", static_cast<int>(width), "name", "format", "type",
              "size", "path");
  for (const ListedModel& model : models) {
    std::printf("%-*s  %-11s %-8s %8s  %s\n", static_cast<int>(width), model.name.c_str(),
                model.format.c_str(), model.type.c_str(), readable_bytes(model.bytes).c_str(),
                model.path.c_str());
  }
}

}  // namespace

void add_list(CLI::App& program) {
  CLI::App* command = program.add_subcommand("list", "the models on this machine");
  const auto options = std::make_shared<CommonOptions>();
  add_common_options(*command, *options, "r1 list");
  command->callback([options] {
    const std::vector<ListedModel> models = list_models();
    options->json ? print_json(models) : print_table(models);
  });
}

}  // namespace r1::app
