// Asking servers on the network, over HTTP and HTTPS (libcurl).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::net {

struct HttpRequest {
  std::string url;                      // http or https
  std::vector<std::string> headers{};   // "Name: value"
  std::optional<std::string> body{};    // POST with this body; without, GET
  bool follow_redirects = false;        // to other addresses, which get no Authorization
  std::int64_t silence_seconds = 120;   // without a byte for so long it fails
  std::size_t most_bytes = 64U << 20U;  // of a body that is kept
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::optional<std::int64_t> retry_after;  // seconds, where the server said so
};

/// A connection that is kept for the next request to the same server. Of one thread at a time.
/// Proxies are those of the environment (https_proxy, no_proxy); SSL_CERT_FILE names authorities
/// to trust instead of the system's.
class HttpClient {
 public:
  /// Takes a part of a body; false ends the request.
  using OnBody = std::function<bool(int status, std::string_view bytes)>;

  /// Asked about once a second and whenever bytes come: true gives a request up.
  explicit HttpClient(std::function<bool()> stopped = nullptr);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The answer, whatever its status. With `on_body` the body goes there and isn't kept. Throws
  /// Error if none comes whole: no connection, a bad certificate, silence, too many bytes.
  HttpResponse send(const HttpRequest& request, const OnBody& on_body = nullptr);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace r1::net
