#include "hub/settings.h"

#include <algorithm>
#include <cstdlib>

#include "base/characters.h"
#include "base/error.h"
#include "base/files.h"
#include "net/url.h"

namespace r1::hub {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path hugging_face_home() {
  if (const std::string home = variable("HF_HOME"); !home.empty()) return home;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "huggingface";
  }
  const std::string home = variable("HOME");
  return fs::path(home.empty() ? "." : home) / ".cache/huggingface";
}

std::string read_token() {
  std::string token(trimmed(variable("HF_TOKEN")));
  std::string where = "HF_TOKEN";
  if (token.empty()) {
    fs::path path = variable("HF_TOKEN_PATH");
    if (path.empty()) path = hugging_face_home() / "token";
    where = path.string();
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) token = trimmed(read_file(path, 1 << 16));
  }
  const bool valid =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!valid) throw Error(where, "holds no token");
  return token;
}

}  // namespace

fs::path cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string cache = variable(name); !cache.empty()) return cache;
  }
  return hugging_face_home() / "hub";
}

Settings settings_of_environment() {
  Settings settings;
  if (std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    net::origin_of(endpoint);
    settings.endpoint = endpoint;
  }
  settings.token = read_token();
  settings.cache = cache_folder();
  const std::string offline = variable("HF_HUB_OFFLINE");
  settings.offline = !offline.empty() && offline != "0" && offline != "false";
  return settings;
}

}  // namespace r1::hub
