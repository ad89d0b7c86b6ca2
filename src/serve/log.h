// What happens, a line each on standard error.
#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace r1::serve {

/// For any thread. Lines are JSON objects or text: time, event, then its fields.
class Log {
 public:
  enum class Form { none, text, json };
  explicit Log(Form form) : form_(form) {}
  void write(const std::string& event, const nlohmann::ordered_json& fields) const;

 private:
  Form form_;
  mutable std::mutex mutex_;
};

}  // namespace r1::serve
