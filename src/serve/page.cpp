#include "serve/page.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace r1::serve {
namespace {

// Trusted types: not even a mistake in the page's script could turn text into markup.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types r1";

std::string_view content_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> types = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".woff2", "font/woff2"},
      {".webmanifest", "application/manifest+json"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace

const PageFile* find_page_file(std::span<const PageFile> files, std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const PageFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

HttpAnswer page_answer(const PageFile& file, const HttpRequest& request) {
  HttpAnswer answer;
  answer.headers = {{"Content-Type", std::string(content_type(file.path))},
                    {"ETag", std::string(file.etag)},
                    {"Cache-Control", "no-cache"},
                    {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cross-Origin-Resource-Policy", "same-origin"}};
  const std::string* known = request.header("if-none-match");
  if (known != nullptr && known->find(file.etag) != std::string::npos) {
    answer.status = 304;
  } else {
    answer.body = file.bytes;
  }
  return answer;
}

}  // namespace r1::serve
