// HTTP/1.1 on sockets: connections, limits, time-outs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "serve/http.h"
#include "serve/tls_identity.h"

namespace r1::serve {

struct HttpLimits {
  std::size_t header_bytes = 16 << 10;
  std::size_t body_bytes = 8 << 20;
  std::size_t all_body_bytes = 256 << 20;  // of all connections together
  std::size_t queued_bytes = 4 << 20;      // of an answer that its client doesn't read
  std::size_t connections = 4096;
  int head_seconds = 60;  // to send a request's head, waiting for the next one included
  int body_seconds = 60;
  int write_seconds = 30;      // without a byte taken by the client
  int idle_seconds = 10;       // after which a streamed answer's idle piece is sent
  int request_seconds = 3600;  // from a request to the end of its answer
};

/// TLS, and what answers those who speak plain HTTP to it all the same.
struct HttpTls {
  TlsIdentity identity;
  HttpHandler& plain_handler;
};

class HttpServer {
 public:
  /// Listens; port 0 takes a free one. `tls` null: plain HTTP. Throws Error if it can't. The
  /// handlers must outlive it.
  HttpServer(HttpHandler& handler, const std::string& host, int port, const HttpLimits& limits,
             const HttpTls* tls = nullptr);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  /// Serves until it was stopped and all answers are sent.
  void run(int threads);
  /// SIGTERM and SIGINT stop it, after calling `on_stop`; the second one ends it at once.
  void stop_on_signals(std::function<void()> on_stop);
  /// Takes no more connections and requests; run() returns when the answers in work have ended.
  void stop();
  /// Open connections.
  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace r1::serve
