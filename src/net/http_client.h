// Asking servers on the network, over HTTP and HTTPS (libcurl).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace r1::net {

/// No connection could be made, or it broke off before the answer was whole: trying again may help.
class ConnectionError : public Error {
 public:
  using Error::Error;
};

struct HttpRequest {
  std::string url;                      // http or https
  std::vector<std::string> headers{};   // "Name: value"
  std::optional<std::string> body{};    // POST with this body; without, GET
  bool head_only = false;               // HEAD
  std::int64_t silence_seconds = 120;   // without a byte for so long it fails
  std::size_t most_bytes = 64U << 20U;  // of a body that is kept
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::optional<std::int64_t> retry_after;                   // seconds, where the server said so
  std::vector<std::pair<std::string, std::string>> headers;  // names in small letters
  std::string redirect;  // the whole address that it leads to; none is followed

  /// A header's value, or ""; `name` in small letters.
  std::string header(std::string_view name) const;
};

/// A connection that is kept for the next request to the same server. Of one thread at a time.
/// Proxies are those of the environment (https_proxy, no_proxy); SSL_CERT_FILE names authorities
/// to trust instead of the system's.
class HttpClient {
 public:
  /// Takes a part of a body; false ends the request.
  using OnBody = std::function<bool(int status, std::string_view bytes)>;
  /// Sees status and headers before the first part of the body. What it throws ends the request.
  using OnHead = std::function<void(const HttpResponse& head)>;

  /// Asked about once a second and whenever bytes come: true gives a request up.
  explicit HttpClient(std::function<bool()> stopped = nullptr);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The answer, whatever its status. With `on_body` the body goes there and isn't kept. Throws
  /// Error if none comes whole: a bad certificate, too many bytes; ConnectionError: no connection,
  /// silence, an early end.
  HttpResponse send(const HttpRequest& request, const OnBody& on_body = nullptr,
                    const OnHead& on_head = nullptr);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace r1::net
