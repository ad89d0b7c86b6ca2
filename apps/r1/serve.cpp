// r1 serve: a model behind an HTTP API.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "command.h"
#include "load_model.h"
#include "sampling_options.h"
#include "serve/api.h"
#include "serve/http_server.h"

namespace r1::app {
namespace {

struct ServeOptions {
  CommonOptions common;
  ModelOptions model;
  GenerateOptions generate;
  EngineOptions engine{.kept_tokens = 32768, .sequences = 256};
  serve::HttpLimits limits;
  std::string host = "127.0.0.1", key_file, chat_template, name;
  std::vector<std::string> keys, origins, hosts;
  std::size_t requests = 1024;
  int port = 8080;
  bool quiet = false;
};

std::string in_address(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// Keys from the command line and the file, a line each; a new one where there must be one.
serve::AccessOptions access_of(const ServeOptions& options) {
  serve::AccessOptions access{.keys = options.keys, .origins = options.origins};
  if (!options.key_file.empty()) {
    std::istringstream lines(read_file(options.key_file));
    for (std::string line; std::getline(lines, line);) {
      line.erase(line.find_last_not_of(" \t\r") + 1);
      if (!line.empty()) access.keys.push_back(line);
    }
    if (access.keys.empty()) throw Error(options.key_file, "holds no key");
  }
  access.check_host = serve::is_loopback(options.host);
  access.hosts.push_back(in_address(options.host));
  access.hosts.insert(access.hosts.end(), options.hosts.begin(), options.hosts.end());
  if (!access.check_host && access.keys.empty()) {
    access.keys.push_back(serve::random_key());
    std::cout << "API key: " << access.keys.front() << '\n';
  }
  return access;
}

serve::ServedModel served_model(const ServeOptions& options, const Engine& engine) {
  const Tokenizer* tokenizer = engine.tokenizer();
  if (tokenizer == nullptr) {
    throw Error(options.model.model, "has no tokenizer", "put its tokenizer.json into the folder");
  }
  serve::ServedModel model{.id = options.name,
                           .aliases = {"deepseek-reasoner", "deepseek-chat"},
                           .tokenizer = *tokenizer,
                           .chat_template = std::nullopt,
                           .template_text = tokenizer->chat_template(),
                           .defaults = options.generate,
                           .context_length = engine.context_length(),
                           .tree = std::make_shared<const TokenTree>(*tokenizer)};
  if (model.id.empty()) {
    const std::filesystem::path path(options.model.model);
    model.id =
        path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
    if (model.id.ends_with(".gguf")) model.id.resize(model.id.size() - 5);
  }
  if (!options.chat_template.empty()) {
    model.template_text = read_file(options.chat_template);
    model.chat_template = ChatTemplate(model.template_text);
  } else if (!model.template_text.empty()) {
    model.chat_template = ChatTemplate::of(*tokenizer);
    model.template_text += tokenizer->tool_use_template();
  }
  return model;
}

void serve_model(ServeOptions options, const CLI::App& command) {
  const serve::AccessOptions access = access_of(options);
  const LoadedModel loaded = load_model(options.model, 1, options.engine);
  use_model_defaults(command, loaded.checkpoint, options.generate);
  const serve::Log log(options.quiet         ? serve::Log::Form::none
                       : options.common.json ? serve::Log::Form::json
                                             : serve::Log::Form::text);
  serve::ServedModel model = served_model(options, *loaded.engine);
  auto engine = std::make_unique<EngineThread>(*loaded.engine, options.requests);
  serve::Api api(std::move(model), *engine, access, log);
  serve::HttpServer server(api, options.host, options.port, options.limits);
  api.connections = [&server] { return server.connections(); };
  server.stop_on_signals([&] {
    api.drain();
    log.write("stopping", {});
  });
  const std::string address =
      "http://" + in_address(options.host) + ":" + std::to_string(server.port());
  std::cout << "listening on " << address << std::endl;
  log.write("listening", {{"address", address}});
  server.run(2);
  engine.reset();  // its last callbacks still need the others
  log.write("stopped", {});
}

}  // namespace

void add_serve(CLI::App& program) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command = program.add_subcommand("serve", "answer over HTTP, as OpenAI's API does");
  add_common_options(*command, options->common, "r1 serve -m model.gguf --port 8080");
  add_model_options(*command, options->model);
  add_sampling_options(*command, options->generate);
  command->add_option("--host", options->host, "address to listen on; 0.0.0.0: all")
      ->capture_default_str();
  command->add_option("--port", options->port, "0: any that is free")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  command->add_option("--api-key", options->keys,
                      "key that clients must send (may be repeated); beyond this machine one is "
                      "made if none is given");
  command->add_option("--api-key-file", options->key_file, "file with keys, one a line")
      ->check(CLI::ExistingFile);
  command->add_option("--cors", options->origins,
                      "origin whose pages may ask, like https://example.org (may be repeated)");
  command->add_option("--allow-host", options->hosts,
                      "further name of this server in requests (may be repeated)");
  command->add_option("--name", options->name, "the model's name (default: its file's)");
  command->add_option("--chat-template", options->chat_template,
                      "file with a Jinja template to use instead of the model's own");
  command->add_option("--parallel", options->engine.sequences, "answers computed at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  command->add_option("--max-requests", options->requests, "requests taken; more are refused (429)")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option("--cache-tokens", options->engine.cache_tokens,
                   "tokens in the cache (default: as memory allows)")
      ->check(CLI::Range(1, 1 << 30));
  command
      ->add_option("--kept-tokens", options->engine.kept_tokens,
                   "of those, tokens kept of earlier texts")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 30));
  command->add_option("--max-body", options->limits.body_bytes, "bytes of a request's body")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 30));
  command->add_option("--max-connections", options->limits.connections, "open connections")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option("--request-timeout", options->limits.request_seconds,
                   "seconds until an answer must be complete")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 24));
  command->add_flag("--quiet", options->quiet, "no log on standard error");
  command->callback([options, command] { serve_model(*options, *command); });
}

}  // namespace r1::app
