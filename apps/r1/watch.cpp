// r1 watch: the page of a training run that was started without one, or has ended.
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "command.h"
#include "formats/json.h"
#include "serve/http_server.h"
#include "serve/run_page.h"

namespace r1::app {
namespace {

struct WatchOptions {
  CommonOptions common;
  std::string folder;
  int port = 8090;
};

void watch(const WatchOptions& options) {
  serve::RunPage page(options.folder);
  serve::HttpServer server(page, "127.0.0.1", options.port, {});
  server.stop_on_signals([] {});
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  if (options.common.json) {
    std::cout << json_text(nlohmann::ordered_json{{"address", address}}) << std::endl;
  } else {
    std::cout << "listening on " << address << std::endl;
  }
  server.run(1);
}

}  // namespace

void add_watch(CLI::App& program) {
  CLI::App& command =
      *program.add_subcommand("watch", "show a training run's figures and samples on a web page");
  const auto options = std::make_shared<WatchOptions>();
  add_common_options(command, options->common, "r1 watch runs/mine --port 8090");
  command.add_option("folder", options->folder, "the run's folder")
      ->required()
      ->check(CLI::ExistingDirectory)
      ->type_name("RUN");
  command.add_option("--port", options->port, "port of 127.0.0.1; 0: any that is free")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  command.callback([options] { watch(*options); });
}

}  // namespace r1::app
