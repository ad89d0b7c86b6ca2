// One client's connection; included only by the server, as it brings Asio along.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "serve/http.h"
#include "serve/http_server.h"

namespace r1::serve {

/// What connections have in common. For any thread.
class ConnectionList {
 public:
  /// `plain_handler`: for those who speak plain HTTP although there is TLS.
  ConnectionList(HttpHandler& handler, HttpHandler& plain_handler, const HttpLimits& limits)
      : handler(handler), plain_handler(plain_handler), limits(limits) {}

  HttpHandler& handler;
  HttpHandler& plain_handler;
  std::optional<boost::asio::ssl::context> tls;
  const HttpLimits limits;
  std::atomic<bool> stopping = false;

  /// `close_if_idle` is called when the server stops.
  void add(const void* connection, std::function<void()> close_if_idle);
  void remove(const void* connection);
  /// Room for a body in memory; false if others have taken it all.
  bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes) { body_bytes_ -= bytes; }
  std::size_t size() const;
  /// Closes those that wait for a request, and the others after their answer.
  void stop();
  /// Called once there are no connections left after stop().
  std::function<void()> on_empty;

 private:
  std::atomic<std::size_t> body_bytes_ = 0;
  mutable std::mutex mutex_;
  std::map<const void*, std::function<void()>> connections_;
};

/// Serves a client until it leaves; the socket's executor must be a strand.
void start_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<ConnectionList> list);

}  // namespace r1::serve
