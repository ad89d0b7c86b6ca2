// The API: what is asked at which path.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "generate/engine_thread.h"
#include "serve/access.h"
#include "serve/completion.h"
#include "serve/http.h"
#include "serve/log.h"
#include "serve/metrics.h"

namespace r1::serve {

/// OpenAI's paths for chats and completions, with and without /v1, as DeepSeek answers them.
class Api : public HttpHandler {
 public:
  Api(ServedModel model, EngineThread& engine, AccessOptions access, const Log& log);

  std::optional<HttpAnswer> refuse(const HttpRequest& head) override;
  void handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) override;
  HttpAnswer error(int status, std::string_view message) override;

  /// From now on no answer is begun.
  void drain() { draining_ = true; }
  /// How many connections are open, for the metrics.
  std::function<std::size_t()> connections = [] { return std::size_t{0}; };
  /// PEM of the certificate authority behind this server's TLS, for its clients to trust; may be
  /// empty.
  std::string authority;

 private:
  struct Route {
    std::string method;  // empty: nothing is there
    HttpAnswer (Api::*get)(const std::string& path) const = nullptr;
    CompletionRequest (*parse)(std::string_view, const ServedModel&) = nullptr;
    bool open = false;  // to those without a key
  };
  static Route route_of(const std::string& path);
  HttpAnswer get_health(const std::string& path) const;
  HttpAnswer get_metrics(const std::string& path) const;
  HttpAnswer get_models(const std::string& path) const;
  HttpAnswer get_openapi(const std::string& path) const;
  HttpAnswer get_authority(const std::string& path) const;
  void complete(const HttpRequest& request, const Route& route, std::shared_ptr<HttpReply> reply);
  HttpAnswer refused(const HttpRequest& head, HttpAnswer answer);

  ServedModel model_;
  EngineThread& engine_;
  Access access_;
  const Log& log_;
  Metrics metrics_;
  std::int64_t started_;
  std::atomic<bool> draining_ = false;
};

}  // namespace r1::serve
