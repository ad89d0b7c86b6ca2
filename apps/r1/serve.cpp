// r1 serve: a model behind an HTTP API.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "command.h"
#include "hub/cache.h"
#include "load_model.h"
#include "sampling_options.h"
#include "serve/api.h"
#include "serve/http_server.h"
#include "serve/network_address.h"
#include "serve/tls_advice.h"
#include "serve/tls_identity.h"
#include "serve_announcement.h"

namespace r1::app {
namespace {

struct ServeOptions {
  CommonOptions common;
  ModelOptions model;
  GenerateOptions generate;
  EngineOptions engine{.kept_tokens = 32768, .sequences = 256};
  serve::HttpLimits limits;
  std::string host = "127.0.0.1", key_file, chat_template, name;
  std::string tls, tls_certificate, tls_key;
  std::vector<std::string> keys, origins, hosts;
  std::size_t requests = 1024;
  int port = 8080;
  bool quiet = false;
};

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
  if (model.id.empty()) model.id = hub::model_name(options.model.model);
  if (!options.chat_template.empty()) {
    model.template_text = read_file(options.chat_template);
    model.chat_template = ChatTemplate(model.template_text);
  } else if (!model.template_text.empty()) {
    model.chat_template = ChatTemplate::of(*tokenizer);
    model.template_text += tokenizer->tool_use_template();
  }
  return model;
}

std::filesystem::path authority_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') {
    return std::filesystem::path(data) / "r1" / "tls";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw Error("--tls auto", "needs a home folder for its authority", "set HOME");
  }
  return std::filesystem::path(home) / ".local" / "share" / "r1" / "tls";
}

/// What the certificate of `--tls auto` is for: all names by which this machine is reached.
std::vector<std::string> names_of(const ServeOptions& options) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1", serve::host_name() + ".local"};
  for (const std::string& address : serve::network_addresses()) names.push_back(address);
  names.insert(names.end(), options.hosts.begin(), options.hosts.end());
  const bool vouched = serve::LocalAuthority::may_vouch_for(options.host);
  if (!vouched && !serve::is_any_address(options.host)) {
    throw Error("--tls auto", "is for local networks, and " + options.host + " is none of theirs",
                "give --tls-cert and --tls-key");
  }
  if (vouched) names.push_back(options.host);
  std::erase_if(
      names, [](const std::string& name) { return !serve::LocalAuthority::may_vouch_for(name); });
  return names;
}

/// The server's identity over TLS, if it is to speak that, and the authority if it is our own.
struct Tls {
  std::optional<serve::TlsIdentity> identity;
  std::optional<serve::LocalAuthority> authority;
};

Tls tls_of(const ServeOptions& options) {
  Tls tls;
  if (!options.tls_certificate.empty()) {
    tls.identity = serve::read_tls_identity(options.tls_certificate, options.tls_key);
  } else if (options.tls == "auto") {
    tls.authority.emplace(authority_folder());
    tls.identity = tls.authority->identify(names_of(options));
  }
  return tls;
}

void serve_model(ServeOptions options, const CLI::App& command) {
  const serve::AccessOptions access = access_of(options);
  const Tls tls = tls_of(options);
  const LoadedModel loaded = load_model(options.model, 1, options.engine);
  use_model_defaults(command, loaded.checkpoint, options.generate);
  const serve::Log log(options.quiet         ? serve::Log::Form::none
                       : options.common.json ? serve::Log::Form::json
                                             : serve::Log::Form::text);
  serve::ServedModel model = served_model(options, *loaded.engine);
  auto engine = std::make_unique<EngineThread>(*loaded.engine, options.requests);
  serve::Api api(std::move(model), *engine, access, log);
  if (tls.authority) api.authority = tls.authority->certificate();
  serve::TlsAdvice advice(api.authority);
  const auto http_tls =
      tls.identity ? std::optional(serve::HttpTls{*tls.identity, advice}) : std::nullopt;
  serve::HttpServer server(api, options.host, options.port, options.limits,
                           http_tls ? &*http_tls : nullptr);
  api.connections = [&server] { return server.connections(); };
  server.stop_on_signals([&] {
    api.drain();
    log.write("stopping", {});
  });
  const Announcement announcement{.host = options.host,
                                  .port = server.port(),
                                  .tls = tls.identity.has_value(),
                                  .key = access.keys.empty() ? "" : access.keys.front(),
                                  .authority = tls.authority ? &*tls.authority : nullptr};
  const std::string address = announcement.address(options.host);
  std::cout << "listening on " << address << std::endl;
  announcement.show(std::cout, isatty(STDOUT_FILENO) == 1);
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
  default_to_shipped_model(*command, options->model.model);
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
  CLI::Option* tls = command
                         ->add_option("--tls", options->tls,
                                      "auto: encrypted, by a certificate authority of this "
                                      "machine's own, so that phones can install the page")
                         ->check(CLI::IsMember({"auto"}));
  CLI::Option* certificate =
      command
          ->add_option("--tls-cert", options->tls_certificate,
                       "encrypted, with this certificate and those above it (PEM)")
          ->check(CLI::ExistingFile)
          ->excludes(tls);
  CLI::Option* key =
      command->add_option("--tls-key", options->tls_key, "the certificate's key (PEM)")
          ->check(CLI::ExistingFile)
          ->needs(certificate);
  certificate->needs(key);
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
