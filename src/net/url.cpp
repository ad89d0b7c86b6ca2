#include "net/url.h"

#include <curl/curl.h>

#include <cctype>
#include <cstdio>
#include <memory>

#include "base/characters.h"
#include "base/error.h"

namespace r1::net {
namespace {

using ParsedUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// "" if the address lacks the part.
std::string part_of(const ParsedUrl& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
  return lower_case(text);
}

}  // namespace

std::string origin_of(const std::string& url) {
  const ParsedUrl parsed(curl_url(), curl_url_cleanup);
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  const std::string scheme = code == CURLUE_OK ? part_of(parsed, CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https") {
    throw Error(url.substr(0, 200), "is no http or https address");
  }
  if (!part_of(parsed, CURLUPART_USER).empty()) {
    throw Error(url.substr(0, 200), "names a user", "give the address without");
  }
  return scheme + "://" + part_of(parsed, CURLUPART_HOST) + ":" + part_of(parsed, CURLUPART_PORT);
}

std::string percent_encoded(std::string_view path) {
  std::string result;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", byte);
    result += plain ? std::string(1, c) : std::string(code);
  }
  return result;
}

}  // namespace r1::net
