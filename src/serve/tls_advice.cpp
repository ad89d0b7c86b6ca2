#include "serve/tls_advice.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "serve/api_error.h"

namespace r1::serve {
namespace {

bool is_host(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(".-:[]").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

std::optional<HttpAnswer> TlsAdvice::refuse(const HttpRequest& head) {
  if (head.method == "GET" || head.method == "HEAD") return std::nullopt;
  return ApiError(400, "this server speaks HTTPS; what was sent just now went unprotected",
                  "needs_tls")
      .answer();
}

void TlsAdvice::handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) {
  if (request.path == kAuthorityPath && !authority_.empty()) {
    return reply->send(authority_answer(authority_));
  }
  const std::string* host = request.header("host");
  if (host == nullptr || !is_host(*host))
    return reply->send(error(400, "a proper Host is missing"));
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  reply->send({308, {{"Location", "https://" + *host + request.path + query}}, ""});
}

HttpAnswer TlsAdvice::error(int status, std::string_view message) {
  return ApiError(status, std::string(message), "").answer();
}

HttpAnswer authority_answer(const std::string& authority) {
  return {200,
          {{"Content-Type", "application/x-x509-ca-cert"},
           {"Content-Disposition", "attachment; filename=\"r1-ca.crt\""},
           {"X-Content-Type-Options", "nosniff"}},
          authority};
}

}  // namespace r1::serve
