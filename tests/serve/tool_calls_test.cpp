#include "serve/tool_calls.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

/// What a reader gives when the text comes in pieces of `size` bytes: the text, and the calls as
/// "name arguments" lines.
std::string read(const std::string& text, std::size_t size) {
  ToolCallReader reader;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size) out += reader.push(text.substr(at, size));
  out += reader.flush();
  for (const auto& call : reader.calls()) {
    out += "|" + call.at("function").at("name").get<std::string>() + " " +
           call.at("function").at("arguments").get<std::string>();
    EXPECT_TRUE(call.at("id").get<std::string>().starts_with("call_"));
  }
  return out;
}

void expect_read(const std::string& text, const std::string& expected) {
  for (const std::size_t size : {1, 3, 1000}) EXPECT_EQ(read(text, size), expected) << size;
}

TEST(ToolCalls, are_found_in_the_forms_that_models_write) {
  expect_read(
      "Let me see. <tool_call>\n{\"name\": \"sun\", \"arguments\": {\"at\": 5}}\n</tool_call>",
      "Let me see. |sun {\"at\":5}");
  expect_read(
      "<tool_call>{\"name\":\"a\",\"arguments\":{}}</tool_call>\n"
      "<tool_call>{\"name\":\"b\",\"arguments\":{\"x\":[1]}}</tool_call>",
      "|a {}|b {\"x\":[1]}");
  expect_read(
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>sun\n```json\n"
      "{\"at\": 5}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
      "|sun {\"at\": 5}");
}

TEST(ToolCalls, what_is_none_stays_text) {
  for (const char* text : {"plain", "a < b <tool", "<tool_call>no json</tool_call>",
                           "<tool_call>{\"name\":5}</tool_call>", "<tool_call>{\"name\":\"a\"",
                           "<tool_call>[]</tool_call>", "<｜tool▁calls▁begin｜>nothing"}) {
    expect_read(text, text);
  }
}

TEST(ToolCalls, tools_are_for_models_that_know_them) {
  const nlohmann::ordered_json body = {
      {"messages", {{{"role", "user"}, {"content", "x"}}}},
      {"max_tokens", 3},
      {"tools", {{{"type", "function"}, {"function", {{"name", "a_long_name"}}}}}}};
  const TestServer knows;
  const auto with = post(knows, "/v1/chat/completions", body);
  EXPECT_EQ(with.status, 200);
  nlohmann::ordered_json without = body;
  without["tool_choice"] = "none";
  EXPECT_GT(with.json().at("usage").at("prompt_tokens"),
            post(knows, "/v1/chat/completions", without).json().at("usage").at("prompt_tokens"));
  const TestServer ignorant(
      {.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}"});
  const auto refused = post(ignorant, "/v1/chat/completions", body);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.json().at("error").at("param"), "tools");
}

}  // namespace
}  // namespace r1::serve
