// What is asked and answered at /v1/chat/completions and /v1/completions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

Json chat(const Json& more = Json::object()) {
  Json body = {{"model", "tiny"},
               {"messages", {{{"role", "user"}, {"content", "What is 1 + 1?"}}}},
               {"seed", 7},
               {"max_tokens", 40},
               {"thinking_budget", 6}};
  body.update(more);
  return body;
}

class ChatApi : public testing::Test {
 protected:
  nlohmann::json answer(const Json& body, const std::string& path = "/v1/chat/completions") const {
    const ClientAnswer given = post(server, path, body);
    EXPECT_EQ(given.status, 200) << given.body;
    return given.status == 200 ? given.json() : nlohmann::json();
  }
  /// The error's object, with the status put in.
  nlohmann::json error(const Json& body, const std::string& path = "/v1/chat/completions") const {
    const ClientAnswer given = post(server, path, body);
    nlohmann::json error = given.json().at("error");
    error["status"] = given.status;
    return error;
  }
  /// The prompt's length in bytes, which are tokens here.
  std::int64_t prompt_tokens(const Json& messages) const {
    return answer(chat({{"messages", messages}, {"max_tokens", 1}}))
        .at("usage")
        .at("prompt_tokens")
        .get<std::int64_t>();
  }
  TestServer server;
};

TEST_F(ChatApi, answers_with_the_thinking_beside_the_content) {
  const auto given = answer(chat());
  EXPECT_EQ(given.at("object"), "chat.completion");
  EXPECT_EQ(given.at("model"), "tiny");
  const auto& choice = given.at("choices").at(0);
  EXPECT_EQ(choice.at("message").at("role"), "assistant");
  EXPECT_FALSE(choice.at("message").at("reasoning_content").get<std::string>().empty());
  EXPECT_FALSE(choice.at("message").at("content").get<std::string>().empty());
  EXPECT_EQ(choice.at("message").dump().find("think>"), std::string::npos);
  EXPECT_EQ(choice.at("finish_reason"), "length");
  const auto& usage = given.at("usage");
  EXPECT_EQ(usage.at("completion_tokens"), 40);
  // Six of thinking, and the tag's eight bytes.
  EXPECT_EQ(usage.at("completion_tokens_details").at("reasoning_tokens"), 14);
  EXPECT_EQ(usage.at("total_tokens"), usage.at("prompt_tokens").get<int>() + 40);
}

TEST_F(ChatApi, thinking_that_never_ends_is_all_thinking) {
  const auto given = answer(chat({{"thinking_budget", nullptr}, {"max_tokens", 5}}));
  const auto& message = given.at("choices").at(0).at("message");
  EXPECT_EQ(message.at("content"), "");
  EXPECT_TRUE(message.contains("reasoning_content"));
  EXPECT_EQ(given.at("usage").at("completion_tokens_details").at("reasoning_tokens"), 5);
}

TEST_F(ChatApi, a_stream_is_the_whole_answer_in_pieces_thinking_first) {
  for (const int count : {1, 3}) {
    const auto whole = answer(chat({{"n", count}}));
    const ClientAnswer given =
        post(server, "/chat/completions",
             chat({{"n", count}, {"stream", true}, {"stream_options", {{"include_usage", true}}}}));
    EXPECT_EQ(given.status, 200);
    EXPECT_NE(given.head.find("Content-Type: text/event-stream"), std::string::npos);
    EXPECT_TRUE(given.body.ends_with("data: [DONE]\n\n"));
    const std::vector<nlohmann::json> events = given.events();
    std::vector<std::string> reasoning(3), content(3), reasons(3);
    std::vector<int> roles(3);
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      EXPECT_EQ(events[i].at("object"), "chat.completion.chunk");
      EXPECT_EQ(events[i].at("id"), events[0].at("id"));
      EXPECT_TRUE(events[i].at("usage").is_null());
      const auto& choice = events[i].at("choices").at(0);
      const auto& delta = choice.at("delta");
      const auto index = choice.at("index").get<std::size_t>();
      EXPECT_EQ(reasons[index], "");
      if (delta.contains("role")) ++roles[index];
      if (delta.contains("reasoning_content")) {
        EXPECT_EQ(content[index], "");
        reasoning[index] += delta.at("reasoning_content").get<std::string>();
      }
      if (delta.contains("content")) content[index] += delta.at("content").get<std::string>();
      if (!choice.at("finish_reason").is_null()) reasons[index] = choice.at("finish_reason");
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const auto& message = whole.at("choices").at(i).at("message");
      EXPECT_EQ(reasoning[i], message.at("reasoning_content"));
      EXPECT_EQ(content[i], message.at("content"));
      EXPECT_EQ(reasons[i], whole.at("choices").at(i).at("finish_reason"));
      EXPECT_EQ(roles[i], 1);
    }
    EXPECT_TRUE(events.back().at("choices").empty());
    EXPECT_EQ(events.back().at("usage").at("completion_tokens"),
              whole.at("usage").at("completion_tokens"));
  }
}

TEST_F(ChatApi, the_seed_decides_and_answers_of_one_request_differ) {
  const auto first = answer(chat({{"n", 2}})), again = answer(chat({{"n", 2}}));
  EXPECT_EQ(first.at("choices"), again.at("choices"));
  EXPECT_NE(first.at("choices").at(0).at("message"), first.at("choices").at(1).at("message"));
  EXPECT_NE(answer(chat({{"seed", 8}})).at("choices").at(0), first.at("choices").at(0));
  EXPECT_GT(again.at("usage").at("prompt_tokens_details").at("cached_tokens"), 0);
}

TEST_F(ChatApi, a_stop_text_ends_the_answer_and_is_not_in_it) {
  const std::string text = answer(chat()).at("choices").at(0).at("message").at("content");
  const auto ascii = std::find_if(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0;  // one byte, and not escaped in JSON
  });
  ASSERT_NE(ascii, text.end()) << text;
  const std::string stop(1, *ascii);
  const auto given = answer(chat({{"stop", stop}})).at("choices").at(0);
  EXPECT_EQ(given.dump().find("\"content\":\"" + stop), std::string::npos);
  EXPECT_EQ(given.at("finish_reason"), "stop");
}

TEST_F(ChatApi, earlier_thinking_is_left_out_of_the_prompt) {
  const Json plain = {{{"role", "user"}, {"content", "a"}},
                      {{"role", "assistant"}, {"content", "b"}},
                      {{"role", "user"}, {"content", "c"}}};
  Json thought = plain;
  thought[1]["reasoning_content"] = "much thought about a";
  EXPECT_EQ(prompt_tokens(thought), prompt_tokens(plain));
}

TEST_F(ChatApi, content_may_come_in_parts) {
  const Json whole = {{{"role", "user"}, {"content", "one two"}}};
  const Json parts = {
      {{"role", "user"},
       {"content", {{{"type", "text"}, {"text", "one "}}, {{"type", "text"}, {"text", "two"}}}}}};
  EXPECT_EQ(prompt_tokens(parts), prompt_tokens(whole));
}

TEST_F(ChatApi, goes_on_from_a_prefix) {
  const Json messages = {{{"role", "user"}, {"content", "a"}},
                         {{"role", "assistant"}, {"content", "The answer"}, {"prefix", true}}};
  const auto given = answer(chat({{"messages", messages}}));
  EXPECT_FALSE(given.at("choices").at(0).at("message").contains("reasoning_content"));
  EXPECT_EQ(given.at("usage").at("completion_tokens_details").at("reasoning_tokens"), 0);
  const Json thinking = {
      {{"role", "user"}, {"content", "a"}},
      {{"role", "assistant"}, {"content", ""}, {"reasoning_content", "Hm"}, {"prefix", true}}};
  EXPECT_TRUE(answer(chat({{"messages", thinking}}))
                  .at("choices")
                  .at(0)
                  .at("message")
                  .contains("reasoning_content"));
}

TEST_F(ChatApi, thinking_can_be_turned_off) {
  for (const Json& off : {Json{{"reasoning_effort", "none"}, {"thinking_budget", nullptr}},
                          Json{{"thinking", {{"type", "disabled"}}}},
                          Json{{"chat_template_kwargs", {{"enable_thinking", false}}}}}) {
    const auto given = answer(chat(off));
    EXPECT_FALSE(given.at("choices").at(0).at("message").contains("reasoning_content")) << off;
  }
}

TEST_F(ChatApi, tells_probabilities_of_thinking_and_content_apart) {
  const auto given = answer(chat({{"logprobs", true}, {"top_logprobs", 3}, {"temperature", 1}}));
  const auto& logprobs = given.at("choices").at(0).at("logprobs");
  EXPECT_EQ(logprobs.at("reasoning_content").size(), 14U);
  EXPECT_EQ(logprobs.at("content").size(), 26U);
  for (const auto& token : logprobs.at("content")) {
    EXPECT_LE(token.at("logprob"), 0.0);
    EXPECT_LE(token.at("bytes").size(), 1U);  // none where the model has more rows than tokens
    EXPECT_LE(token.at("top_logprobs").size(), 3U);
  }
  const ClientAnswer stream =
      post(server, "/v1/chat/completions", chat({{"logprobs", true}, {"stream", true}}));
  std::size_t tokens = 0;
  for (const auto& event : stream.events()) {
    const auto& some = event.at("choices").at(0).at("logprobs");
    for (const auto& list : some) tokens += list.size();
  }
  EXPECT_EQ(tokens, 40U);
}

TEST_F(ChatApi, json_answers_are_json_after_the_thinking) {
  const Json schema = {
      {"type", "object"},
      {"properties",
       {{"city", {{"type", "string"}, {"maxLength", 5}}}, {"people", {{"type", "integer"}}}}},
      {"required", {"city", "people"}},
      {"additionalProperties", false}};
  const Json format = {{"type", "json_schema"},
                       {"json_schema", {{"name", "a"}, {"schema", schema}}}};
  for (int seed = 0; seed < 5; ++seed) {
    const auto given =
        answer(chat({{"response_format", format}, {"max_tokens", 300}, {"seed", seed}}));
    const auto& choice = given.at("choices").at(0);
    EXPECT_FALSE(choice.at("message").at("reasoning_content").get<std::string>().empty());
    ASSERT_EQ(choice.at("finish_reason"), "stop") << choice;
    const auto city = nlohmann::json::parse(choice.at("message").at("content").get<std::string>());
    EXPECT_TRUE(city.at("city").is_string() && city.at("people").is_number_integer()) << city;
  }
}

TEST_F(ChatApi, wrong_fields_are_named) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {{{"messages", "hello"}}, "messages"},
      {{{"messages", Json::array()}}, "messages"},
      {{{"messages", nullptr}}, "messages"},
      {{{"messages", {1}}}, "messages[0]"},
      {{{"messages", {{{"role", "king"}, {"content", "x"}}}}}, "messages[0].role"},
      {{{"messages", {{{"role", "user"}}}}}, "messages[0].content"},
      {{{"messages", {{{"role", "user"}, {"content", 5}}}}}, "messages[0].content"},
      {{{"messages", {{{"role", "user"}, {"content", {{{"type", "image_url"}}}}}}}},
       "messages[0].content[0].type"},
      {{{"temperature", 3}}, "temperature"},
      {{{"temperature", "hot"}}, "temperature"},
      {{{"top_p", -1}}, "top_p"},
      {{{"max_tokens", 0}}, "max_tokens"},
      {{{"max_tokens", 1.5}}, "max_tokens"},
      {{{"max_completion_tokens", -4}}, "max_completion_tokens"},
      {{{"n", 0}}, "n"},
      {{{"n", 1e9}}, "n"},
      {{{"stream", "yes"}}, "stream"},
      {{{"stream_options", {{"include_usage", true}}}}, "stream_options"},
      {{{"stop", {1}}}, "stop"},
      {{{"stop", ""}}, "stop"},
      {{{"seed", 1.5}}, "seed"},
      {{{"seed", 0x1p63}}, "seed"},
      {{{"seed", std::uint64_t{1} << 63}}, "seed"},
      {{{"top_logprobs", 3}}, "top_logprobs"},
      {{{"logprobs", true}, {"top_logprobs", 21}}, "top_logprobs"},
      {{{"logit_bias", {{"5", 101}}}}, "logit_bias"},
      {{{"logit_bias", {{"five", 1}}}}, "logit_bias"},
      {{{"logit_bias", {{"99999999", 1}}}}, "logit_bias"},
      {{{"reasoning_effort", "huge"}}, "reasoning_effort"},
      {{{"thinking", {{"type", "maybe"}}}}, "thinking.type"},
      {{{"response_format", {{"type", "xml"}}}}, "response_format.type"},
      {{{"response_format", {{"type", "json_schema"}}}}, "response_format.json_schema.schema"},
      {{{"response_format",
         {{"type", "json_schema"}, {"json_schema", {{"schema", {{"pattern", "a"}}}}}}}},
       "response_format.json_schema.schema"},
      {{{"tools", {{{"type", "function"}}}}}, "tools[0].function.name"},
      {{{"tool_choice", "required"}}, "tool_choice"},
  };
  for (const auto& [change, field] : cases) {
    const auto given = error(chat(change));
    EXPECT_EQ(given.at("status"), 400) << change;
    EXPECT_EQ(given.at("param"), field) << change;
    EXPECT_EQ(given.at("type"), "invalid_request_error");
    EXPECT_FALSE(given.at("message").get<std::string>().empty());
  }
  EXPECT_EQ(error(chat({{"model", "gpt-9"}})).at("status"), 404);
  EXPECT_EQ(error(chat({{"model", "gpt-9"}})).at("code"), "model_not_found");
  const Json book = {{{"role", "user"}, {"content", std::string(3000, 'x')}}};
  EXPECT_EQ(error(chat({{"messages", book}})).at("code"), "context_length_exceeded");
}

TEST_F(ChatApi, unknown_fields_and_nulls_are_nobodys_business) {
  const auto given = answer(chat({{"user", "me"},
                                  {"store", false},
                                  {"service_tier", "auto"},
                                  {"temperature", nullptr},
                                  {"stop", nullptr},
                                  {"tools", nullptr},
                                  {"model", "deepseek-reasoner"}}));
  EXPECT_EQ(given.at("model"), "deepseek-reasoner");
}

TEST_F(ChatApi, biases_reach_the_tokens_they_name) {
  const Json body = {{"prompt", "Once upon"}, {"max_tokens", 4}, {"logit_bias", {{"120", 100}}}};
  const auto given = answer(body, "/v1/completions");
  EXPECT_EQ(given.at("choices").at(0).at("text"), "xxxx");
}

TEST_F(ChatApi, texts_are_continued) {
  const Json body = {{"prompt", "Once upon"}, {"max_tokens", 8}, {"seed", 1}};
  const auto given = answer(body, "/v1/completions");
  EXPECT_EQ(given.at("object"), "text_completion");
  EXPECT_EQ(given.at("usage").at("prompt_tokens"), 9);
  EXPECT_EQ(given.at("usage").at("completion_tokens"), 8);
  Json ids = body;
  ids["prompt"] = {'O', 'n', 'c', 'e', ' ', 'u', 'p', 'o', 'n'};
  EXPECT_EQ(answer(ids, "/completions").at("choices"), given.at("choices"));
  Json echo = body;
  echo["echo"] = true;
  EXPECT_EQ(answer(echo, "/v1/completions").at("choices").at(0).at("text"),
            "Once upon" + given.at("choices").at(0).at("text").get<std::string>());
  Json many = body;
  many["prompt"] = {"Once upon", "In a"};
  many["n"] = 2;
  many["logprobs"] = 2;
  const auto all = answer(many, "/v1/completions").at("choices");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all.at(0).at("text"), given.at("choices").at(0).at("text"));
  EXPECT_EQ(all.at(3).at("logprobs").at("tokens").size(), 8U);
  Json stream = body;
  stream["stream"] = true;
  std::string text;
  for (const auto& event : post(server, "/v1/completions", stream).events()) {
    text += event.at("choices").at(0).at("text").get<std::string>();
  }
  EXPECT_EQ(text, given.at("choices").at(0).at("text"));
  for (const Json& prompt : {Json(5), Json(""), Json::array(), Json({{"a", 1}}), Json({400}),
                             Json({Json::array()}), Json({"a", 1})}) {
    EXPECT_EQ(error({{"prompt", prompt}}, "/v1/completions").at("param"), "prompt") << prompt;
  }
}

}  // namespace
}  // namespace r1::serve
