// Calls of tools in a model's answer.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace r1::serve {

/// Takes an answer as it comes and gives what is no call. Understands
/// <tool_call>{"name":..,"arguments":{..}}</tool_call> of Hermes and Qwen, and DeepSeek's
/// <｜tool▁calls▁begin｜> ... ```json {..}```. What looks like a call and is none comes out as
/// text.
class ToolCallReader {
 public:
  std::string push(std::string_view text);
  /// The end of the answer: what still waits and is no call.
  std::string flush();
  /// In the form of the API: [{"index","id","type","function":{"name","arguments"}}].
  const nlohmann::ordered_json& calls() const { return calls_; }

 private:
  bool add(const std::string& name, std::string_view arguments);
  bool read_hermes();
  bool read_deepseek();

  std::string pending_;
  bool inside_ = false;
  nlohmann::ordered_json calls_ = nlohmann::ordered_json::array();
};

}  // namespace r1::serve
