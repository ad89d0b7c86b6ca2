// What the API sees of HTTP: requests in, answers out, without sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1::serve {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method, path, query;  // path without the query, as sent
  HttpHeaders headers;              // names in lower case
  std::string body;
  std::string client;  // the address it came from

  /// The value of a header by its name in lower case; null if it was not sent.
  const std::string* header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return &value;
    }
    return nullptr;
  }
};

struct HttpAnswer {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

/// The way back to one client. All functions may be called from any thread; the client being gone
/// is no error. Dropped without an end, the connection is closed.
class HttpReply {
 public:
  virtual ~HttpReply() = default;
  /// The whole answer.
  virtual void send(HttpAnswer answer) = 0;
  /// The beginning of an answer that comes in pieces. `idle_piece` is sent whenever nothing else
  /// was for some time, so that nobody on the way gives up.
  virtual void begin(HttpAnswer head, std::string idle_piece) = 0;
  /// False when the client is gone or reads too slowly: then nobody wants the rest.
  virtual bool write(std::string piece) = 0;
  virtual void end() = 0;
  /// Calls back, at most once, when the client goes away before the end.
  virtual void on_gone(std::function<void()> callback) = 0;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Looks at a request before its body is read: an answer refuses it.
  virtual std::optional<HttpAnswer> refuse(const HttpRequest& head) = 0;
  /// Answers now or later. Must not throw.
  virtual void handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) = 0;
  /// The answer to what is no proper request.
  virtual HttpAnswer error(int status, std::string_view message) = 0;
};

}  // namespace r1::serve
