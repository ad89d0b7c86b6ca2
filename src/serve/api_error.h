// What is wrong with a request, in the form that OpenAI's clients understand.
#pragma once

#include <exception>
#include <string>

#include "serve/http.h"

namespace r1::serve {

class ApiError : public std::exception {
 public:
  /// A request that is wrong (400). `field`: what of it, like "messages[1].content"; may be empty.
  ApiError(std::string field, std::string message)
      : ApiError(400, std::move(message), "", std::move(field)) {}
  ApiError(int status, std::string message, std::string code, std::string field = {})
      : status_(status),
        message_(std::move(message)),
        code_(std::move(code)),
        field_(std::move(field)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  int status() const { return status_; }
  /// {"error":{"message","type","param","code"}}
  std::string json() const;
  HttpAnswer answer() const;

 private:
  int status_;
  std::string message_, code_, field_;
};

}  // namespace r1::serve
