// What answers plain HTTP where the server speaks TLS.
#pragma once

#include <string>

#include "serve/http.h"

namespace r1::serve {

/// Leads browsers to https, and gives the certificate authority to those who don't trust it yet.
class TlsAdvice : public HttpHandler {
 public:
  /// `authority`: PEM of the authority's certificate; empty if it isn't ours to give.
  explicit TlsAdvice(std::string authority) : authority_(std::move(authority)) {}

  std::optional<HttpAnswer> refuse(const HttpRequest& head) override;
  void handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) override;
  HttpAnswer error(int status, std::string_view message) override;

 private:
  std::string authority_;
};

/// Where the authority's certificate is to be had.
inline constexpr std::string_view kAuthorityPath = "/r1-ca.crt";

/// The certificate, in the form that phones offer to install.
HttpAnswer authority_answer(const std::string& authority);

}  // namespace r1::serve
