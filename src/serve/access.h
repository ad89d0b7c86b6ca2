// Who may ask: keys, names of this server, other pages' origins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "serve/http.h"

namespace r1::serve {

struct AccessOptions {
  std::vector<std::string> keys{};     // none: everybody may ask
  std::vector<std::string> origins{};  // of other pages that may ask; "*" for all
  bool check_host = true;              // only names in `hosts` are this server
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "[::1]"};  // without port
};

/// A page in a browser can send requests anywhere, also to a server on this machine, and a name it
/// controls may lead here (DNS rebinding): what such a page sends has a foreign Origin or Host.
class Access {
 public:
  explicit Access(AccessOptions options) : options_(std::move(options)) {}

  /// An answer for requests from where none may come.
  std::optional<HttpAnswer> refuse_origin(const HttpRequest& head) const;
  /// An answer for requests without one of the keys.
  std::optional<HttpAnswer> refuse_key(const HttpRequest& head) const;
  /// What a browser wants to see before it gives the answer to a page of another origin.
  HttpHeaders cors_headers(const HttpRequest& head) const;

 private:
  bool is_named(const std::string& origin) const;
  AccessOptions options_;
};

/// A new key that nobody can guess.
std::string random_key();

}  // namespace r1::serve
