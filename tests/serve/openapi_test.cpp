// The description of the API against the server itself.
#include "serve/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

using nlohmann::json;

/// What a part of the document says, be it by reference.
const json& resolved(const json& document, const json& part) {
  if (!part.contains("$ref")) return part;
  return document.at(json::json_pointer(part.at("$ref").get<std::string>().substr(1)));
}

/// What in `value` isn't as `schema` says, or nothing. Unlike JSON Schema, fields that `properties`
/// doesn't name are faults.
std::string fault(const json& document, const json& described, const json& value,
                  const std::string& where) {
  const json& schema = resolved(document, described);
  if (value.is_null()) return schema.value("nullable", false) ? "" : where + " is null";
  const std::string type = schema.value("type", "");
  const bool fits = type == "string"    ? value.is_string()
                    : type == "integer" ? value.is_number_integer()
                    : type == "object"  ? value.is_object()
                    : type == "array"   ? value.is_array()
                                        : !type.empty();
  if (!fits) return where + " is not of the type " + type;
  if (schema.contains("enum")) {
    const json& all = schema.at("enum");
    if (std::find(all.begin(), all.end(), value) == all.end()) return where + " is " + value.dump();
  }
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name.get<std::string>())) return where + " lacks " + name.dump();
  }
  if (value.is_object() && schema.contains("properties")) {
    for (const auto& [name, part] : value.items()) {
      if (!schema.at("properties").contains(name)) return where + "." + name + " is not described";
      const std::string found =
          fault(document, schema.at("properties").at(name), part, where + "." + name);
      if (!found.empty()) return found;
    }
  }
  if (value.is_array() && schema.contains("items")) {
    for (const json& item : value) {
      const std::string found = fault(document, schema.at("items"), item, where + "[]");
      if (!found.empty()) return found;
    }
  }
  return "";
}

class OpenApi : public testing::Test {
 protected:
  /// Holds an answer against what the document says of its path and status.
  void expect_described(const std::string& path, const std::string& method,
                        const ClientAnswer& answer) {
    const json& responses = document.at("paths").at(path).at(method).at("responses");
    const std::string status = std::to_string(answer.status);
    ASSERT_TRUE(responses.contains(status)) << path << " " << status;
    const json& content = resolved(document, responses.at(status)).at("content");
    if (!content.contains("application/json")) return;
    EXPECT_EQ(fault(document, content.at("application/json").at("schema"), answer.json(), "answer"),
              "");
    tested.insert(path);
  }

  TestServer server{{.access = {.keys = {"k"}}}};
  const std::string key = "Authorization: Bearer k\r\n";
  const json document = json::parse(openapi_document());
  std::set<std::string> tested = {"/metrics"};  // no JSON
};

TEST_F(OpenApi, describes_what_the_server_answers) {
  EXPECT_EQ(get(server, "/openapi.json").json(), document);
  for (const auto& [described, operations] : document.at("paths").items()) {
    std::string path = described;
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "tiny");
    if (operations.contains("get")) {
      const ClientAnswer answer = get(server, path, key);
      EXPECT_EQ(answer.status, 200);
      expect_described(described, "get", answer);
      expect_described(described, "get", get(server, path, "Origin: http://evil.example\r\n"));
      const bool open = operations.at("get").contains("security");
      EXPECT_EQ(get(server, path).status, open ? 200 : 401);
    } else {
      expect_described(described, "post", post(server, path, {}, key));
      expect_described(described, "post", post(server, path, {{"model", "other"}}, key));
      expect_described(described, "post", post(server, path, {}));
    }
  }
  const nlohmann::ordered_json chat = {{"messages", {{{"role", "user"}, {"content", "x"}}}},
                                       {"max_tokens", 30},
                                       {"thinking_budget", 2},
                                       {"n", 2}};
  const auto answer = post(server, "/v1/chat/completions", chat, key);
  EXPECT_EQ(answer.status, 200);
  expect_described("/v1/chat/completions", "post", answer);
  const auto text =
      post(server, "/v1/completions", {{"prompt", "x"}, {"max_tokens", 3}, {"logprobs", 1}}, key);
  EXPECT_EQ(text.status, 200);
  expect_described("/v1/completions", "post", text);
  EXPECT_EQ(tested.size(), document.at("paths").size());
}

/// Every field that the description names must be known to the server: it refuses a wrong kind.
TEST_F(OpenApi, describes_fields_that_the_server_knows) {
  const json& schemas = document.at("components").at("schemas");
  const std::set<std::string> free = {"chat_template_kwargs", "tools", "messages", "prompt"};
  for (const auto& [path, name] :
       {std::pair("/v1/chat/completions", "ChatRequest"), {"/v1/completions", "TextRequest"}}) {
    for (const auto& [field, schema] : schemas.at(name).at("properties").items()) {
      if (free.contains(field)) continue;
      nlohmann::ordered_json body = {
          {"messages", {{{"role", "user"}, {"content", "x"}}}}, {"prompt", "x"}, {"max_tokens", 1}};
      body[field] = nlohmann::ordered_json::array({nlohmann::ordered_json::object()});
      const auto answer = post(server, path, body, key);
      EXPECT_EQ(answer.status, 400) << path << " " << field;
      if (answer.status == 400) {
        EXPECT_EQ(answer.json().at("error").at("param"), field);
      }
    }
  }
}

}  // namespace
}  // namespace r1::serve
