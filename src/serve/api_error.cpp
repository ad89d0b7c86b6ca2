#include "serve/api_error.h"

#include "formats/json.h"

namespace r1::serve {
namespace {

std::string type_of(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

}  // namespace

std::string ApiError::json() const {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  return json_text(nlohmann::ordered_json{{"error",
                                           {{"message", message_},
                                            {"type", type_of(status_)},
                                            {"param", or_null(field_)},
                                            {"code", or_null(code_)}}}});
}

HttpAnswer ApiError::answer() const {
  HttpAnswer answer{status_, {{"Content-Type", "application/json"}}, json()};
  if (status_ == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status_ == 429 || status_ == 503) answer.headers.emplace_back("Retry-After", "2");
  return answer;
}

}  // namespace r1::serve
