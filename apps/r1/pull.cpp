// r1 pull: fetches a model or data set from the hub.
#include "hub/pull.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "base/memory.h"
#include "command.h"
#include "formats/json.h"
#include "hub/short_names.h"
#include "terminal.h"
#include "transfer_bar.h"

namespace r1::app {
namespace {

struct PullCommand {
  CommonOptions common;
  std::string name;
  bool advice = false;
};

/// Thinking takes room: an answer of R1's distilled models is a few thousand tokens long.
constexpr std::int64_t kAdvisedContext = 8192;

void advise_in_json(std::int64_t memory, const hub::ShortName* best) {
  auto models = nlohmann::ordered_json::array();
  for (const hub::ShortName& model : hub::short_names()) {
    const std::int64_t need = hub::memory_of(model, kAdvisedContext);
    models.push_back({{"name", model.name},
                      {"repository", model.repository},
                      {"download_bytes", model.bytes},
                      {"memory_bytes", need},
                      {"fits", hub::fits(model, memory, kAdvisedContext)}});
  }
  nlohmann::ordered_json advised;
  if (best != nullptr) advised = best->name;
  std::puts(json_text(nlohmann::ordered_json{{"memory_bytes", memory},
                                             {"context", kAdvisedContext},
                                             {"advised", advised},
                                             {"models", models}})
                .c_str());
}

void advise(bool as_json) {
  const std::int64_t memory = physical_memory();
  const hub::ShortName* best = hub::advised(memory, kAdvisedContext);
  if (as_json) return advise_in_json(memory, best);
  std::printf("%-18s %9s %9s  %-8s %s\n", "name", "download", "memory", "", "repository");
  for (const hub::ShortName& model : hub::short_names()) {
    const char* verdict = &model == best                              ? "advised"
                          : hub::fits(model, memory, kAdvisedContext) ? "fits"
                                                                      : "too big";
    std::printf("%-18s %9s %9s  %-8s %s\n", model.name.c_str(), readable_bytes(model.bytes).c_str(),
                readable_bytes(hub::memory_of(model, kAdvisedContext)).c_str(), verdict,
                model.repository.c_str());
  }
  std::printf(
      "\nMemory is for Q4_K_M weights and %lld tokens; this machine has %s, of which a "
      "tenth is left to the rest.\nEach token reads all weights (of 671b a twentieth): a model of "
      "half the size answers twice as fast.\n",
      static_cast<long long>(kAdvisedContext), readable_bytes(memory).c_str());
  if (best != nullptr) std::printf("r1 pull %s\n", best->name.c_str());
}

void print_json(const hub::Name& name, const hub::Pulled& pulled) {
  std::puts(json_text(nlohmann::ordered_json{{"name", name.text()},
                                             {"commit", pulled.commit},
                                             {"path", pulled.path.string()},
                                             {"files", pulled.files},
                                             {"bytes", pulled.bytes},
                                             {"transferred", pulled.transferred}})
                .c_str());
}

void pull(const PullCommand& command) {
  const hub::Name name = hub::parse_name(command.name);
  const hub::Settings settings = hub::settings_of_environment();
  TransferBar bar;
  hub::PullOptions options;
  options.on_begin = [&](const hub::PullState& state) {
    if (state.begun == state.total) return;
    const std::string here =
        state.begun > 0 ? ", " + readable_bytes(state.begun) + " of it are here" : "";
    std::fprintf(stderr, "%s: %s%s\n", name.text().c_str(), readable_bytes(state.total).c_str(),
                 here.c_str());
  };
  options.on_progress = [&](const hub::PullState& state) {
    bar.show(printable(state.file), state.done, state.begun, state.total);
  };
  const hub::Pulled pulled = hub::pull(name, settings, options);
  bar.clear();
  if (command.common.json) return print_json(name, pulled);
  if (pulled.transferred == 0) std::fprintf(stderr, "%s is here already\n", name.text().c_str());
  std::puts(pulled.path.c_str());
}

}  // namespace

void add_pull(CLI::App& program) {
  const auto options = std::make_shared<PullCommand>();
  CLI::App* command = program.add_subcommand(
      "pull", "fetch a model from Hugging Face's hub; what broke off goes on where it stood");
  add_common_options(*command, options->common, "r1 pull deepseek-r1:1.5b");
  command->add_option("name", options->name,
                      "org/name, org/name:Q4_K_M (default: Q4_K_M or what is nearest), a page's "
                      "address, a short name such as deepseek-r1:1.5b, or datasets/org/name; "
                      "without one: advice");
  command->add_flag("--advice", options->advice,
                    "which of the short names' models this machine's memory can run");
  command->callback([options] {
    options->advice || options->name.empty() ? advise(options->common.json) : pull(*options);
  });
}

}  // namespace r1::app
