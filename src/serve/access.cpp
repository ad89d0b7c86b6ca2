#include "serve/access.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "base/error.h"
#include "serve/api_error.h"

namespace r1::serve {
namespace {

/// "localhost:80" -> "localhost", "[::1]:80" -> "[::1]".
std::string without_port(const std::string& host) {
  const std::size_t colon = host.rfind(':');
  const bool in_brackets = !host.empty() && host.back() == ']';
  std::string name = colon == std::string::npos || in_brackets ? host : host.substr(0, colon);
  return lower_case(name);
}

/// Takes as long whatever they have in common.
bool same_secret(std::string_view given, std::string_view key) {
  unsigned difference = given.size() == key.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^
                  static_cast<unsigned char>(key.empty() ? 0 : key[i % key.size()]);
  }
  return difference == 0;
}

}  // namespace

bool Access::is_named(const std::string& origin) const {
  return std::any_of(options_.origins.begin(), options_.origins.end(),
                     [&](const std::string& named) { return named == "*" || named == origin; });
}

std::optional<HttpAnswer> Access::refuse_origin(const HttpRequest& head) const {
  const std::string* host = head.header("host");
  if (host == nullptr) return ApiError(400, "the header Host is missing", "no_host").answer();
  if (options_.check_host) {
    const std::string name = without_port(*host);
    if (std::find(options_.hosts.begin(), options_.hosts.end(), name) == options_.hosts.end()) {
      return ApiError(403, "this server is not called " + name, "wrong_host").answer();
    }
  }
  const std::string* origin = head.header("origin");
  if (origin == nullptr || is_named(*origin)) return std::nullopt;
  const std::size_t scheme = origin->find("://");
  if (scheme != std::string::npos && origin->substr(scheme + 3) == *host) return std::nullopt;
  return ApiError(403, "pages of this origin may not ask here", "wrong_origin").answer();
}

std::optional<HttpAnswer> Access::refuse_key(const HttpRequest& head) const {
  if (options_.keys.empty()) return std::nullopt;
  const std::string* given = head.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (given != nullptr && given->size() > scheme.size()) {
    const bool bearer = std::equal(scheme.begin(), scheme.end(), given->begin(),
                                   [](char a, char b) { return a == lower_case(b); });
    bool known = false;
    for (const std::string& key : options_.keys) {
      known |= same_secret(std::string_view(*given).substr(scheme.size()), key);
    }
    if (bearer && known) return std::nullopt;
  }
  return ApiError(401, "a valid API key is needed: Authorization: Bearer KEY", "invalid_api_key")
      .answer();
}

HttpHeaders Access::cors_headers(const HttpRequest& head) const {
  const std::string* origin = head.header("origin");
  if (origin == nullptr || !is_named(*origin)) return {};
  return {{"Access-Control-Allow-Origin", *origin},
          {"Access-Control-Allow-Methods", "GET, POST"},
          {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
          {"Access-Control-Max-Age", "600"},
          {"Vary", "Origin"}};
}

std::string random_key() {
  std::array<unsigned char, 24> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error("--api-key", "the system gives no random numbers");
  }
  std::string key = "r1-";
  for (const unsigned char byte : bytes) {
    key += "0123456789abcdef"[byte >> 4];
    key += "0123456789abcdef"[byte & 15];
  }
  return key;
}

}  // namespace r1::serve
