// Answers of a model behind an address: r1's own server, and one that misbehaves as told.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "error_of.h"
#include "evaluate/chat_completion.h"
#include "evaluate/endpoint_responder.h"
#include "mock_server.h"
#include "serve/test_server.h"

namespace r1::evaluate {
namespace {

using Samples = std::map<std::pair<std::size_t, std::int64_t>, Response>;

Samples samples_of(Responder& responder, const std::vector<std::string>& questions,
                   std::int64_t samples = 1) {
  std::vector<Prompt> prompts;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    for (std::int64_t k = 0; k < samples; ++k) prompts.push_back({i, k, &questions[i]});
  }
  Samples all;
  responder.respond(prompts, [&](const Prompt& prompt, const Response& response) {
    all.emplace(std::pair(prompt.question, prompt.sample), response);
  });
  return all;
}

const std::vector<std::string> kQuestions = {"What?", "And why is that so?", "Ünd?"};

TEST(Endpoint, of_this_program_gives_the_samples_of_the_model_itself) {
  serve::TestServer server;
  GenerateOptions options;
  options.max_tokens = 40;
  options.sampling.seed = 5;
  Engine engine(serve::byte_model(), byte_tokenizer(), {.context_length = 2000});
  EngineResponder local(engine, "tiny", options, PromptForm::plain);
  const Samples expected = samples_of(local, kQuestions, 3);
  for (const bool stream : {true, false}) {
    EndpointResponder remote({.url = "http://127.0.0.1:" + std::to_string(server.port()),
                              .model = "tiny",
                              .concurrency = 4,
                              .stream = stream},
                             options, PromptForm::plain);
    const Samples given = samples_of(remote, kQuestions, 3);
    ASSERT_EQ(given.size(), expected.size());
    for (const auto& [key, response] : expected) {
      EXPECT_EQ(given.at(key).tokens, response.tokens);
      EXPECT_EQ(given.at(key).finish_reason, response.finish_reason);
      EXPECT_EQ(given.at(key).text, response.text);
    }
  }
}

TEST(Endpoint, of_this_program_gives_thoughts_in_front_of_the_answer) {
  serve::TestServer server;  // its template opens the thinking
  GenerateOptions options;
  options.max_tokens = 10;
  EndpointResponder remote(
      {.url = "http://127.0.0.1:" + std::to_string(server.port()), .model = "tiny"}, options,
      PromptForm::chat);
  const Response response = samples_of(remote, {"What?"}).begin()->second;
  EXPECT_TRUE(response.text.starts_with("<think>")) << response.text;
  EXPECT_EQ(response.finish_reason, "length");
  EXPECT_EQ(response.tokens, 10);
}

std::string whole(const std::string& content, const std::string& reason = "stop") {
  return MockServer::reply(
      "200 OK", json_text(nlohmann::json{
                    {"choices", {{{"message", {{"content", content}}}, {"finish_reason", reason}}}},
                    {"usage", {{"completion_tokens", 7}}}}));
}

const std::string kModels = MockServer::reply("200 OK", R"({"data":[{"id":"only"}]})");

/// Answers requests for completions as `answer` says, that for the models with one.
MockServer::Answer completions(const std::function<std::string(const nlohmann::json&)>& answer) {
  return [answer](const MockServer::Asked& asked) {
    if (asked.head.starts_with("GET /v1/models ")) return kModels;
    EXPECT_TRUE(asked.head.starts_with("POST /v1/chat/completions ")) << asked.head;
    return answer(nlohmann::json::parse(asked.body));
  };
}

Endpoint at(const MockServer& server) {
  return {.url = server.url(),
          .concurrency = 2,
          .tries = 4,
          .first_wait = std::chrono::milliseconds(1)};
}

TEST(Endpoint, is_asked_by_the_rules_of_the_run) {
  std::mutex mutex;
  std::vector<nlohmann::json> bodies;
  std::string head;
  MockServer server([&](const MockServer::Asked& asked) {
    const std::lock_guard lock(mutex);
    if (asked.head.starts_with("GET")) return kModels;
    head = asked.head;
    bodies.push_back(nlohmann::json::parse(asked.body));
    return whole("yes");
  });
  GenerateOptions options;
  options.max_tokens = 99;
  Endpoint endpoint = at(server);
  endpoint.url += "/v1/chat/completions/";
  endpoint.key = "secret";
  EndpointResponder responder(endpoint, options, PromptForm::chat);
  EXPECT_EQ(responder.name(), "only");
  samples_of(responder, {"What?"}, 2);
  EXPECT_NE(head.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos);
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_NE(bodies[0]["seed"], bodies[1]["seed"]);
  for (nlohmann::json& body : bodies) {
    body.erase("seed");
    EXPECT_EQ(body, nlohmann::json::parse(
                        R"({"model":"only","messages":[{"role":"user","content":"What?"}],
                            "max_tokens":99,"temperature":0.6,"top_p":0.95,"top_k":-1,"min_p":0.0,
                            "repetition_penalty":1.0,"repeat_penalty":1.0,"stream":true,
                            "stream_options":{"include_usage":true}})"));
  }
}

TEST(Endpoint, that_is_busy_is_asked_again) {
  std::atomic<int> asked = 0;
  MockServer server(completions([&](const nlohmann::json&) {
    switch (asked++) {
      case 0:
        return MockServer::reply("429 Too Many Requests", "{}", "Retry-After: 1\r\n");
      case 1:
        return MockServer::reply("503 Service Unavailable", "busy");
      case 2:
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\":");
      default:
        return whole("yes");
    }
  }));
  EndpointResponder responder(at(server), {}, PromptForm::chat);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(samples_of(responder, {"What?"}).begin()->second.text, "yes");
  EXPECT_EQ(asked, 4);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
}

TEST(Endpoint, that_refuses_or_stays_broken_is_an_error_with_its_words) {
  std::atomic<int> asked = 0;
  std::string answer =
      MockServer::reply("401 Unauthorized", R"({"error":{"message":"no such key"}})");
  MockServer server(completions([&](const nlohmann::json&) {
    ++asked;
    return answer;
  }));
  Endpoint endpoint = at(server);
  endpoint.key = "secret";
  EndpointResponder responder(endpoint, {}, PromptForm::chat);
  std::string said = error_of([&] { samples_of(responder, {"What?"}); });
  EXPECT_NE(said.find("401: no such key"), std::string::npos) << said;
  EXPECT_EQ(said.find("secret"), std::string::npos);
  EXPECT_EQ(asked, 1);
  answer = MockServer::reply("500 Internal Server Error", "oh");
  said = error_of([&] { samples_of(responder, {"What?"}); });
  EXPECT_NE(said.find("500: oh"), std::string::npos) << said;
  EXPECT_EQ(asked, 1 + 4);
  answer = MockServer::reply("429 Too Many Requests", "", "Retry-After: 100000\r\n");
  said = error_of([&] { samples_of(responder, {"What?"}); });
  EXPECT_NE(said.find("100000 seconds"), std::string::npos) << said;
  answer = MockServer::reply("200 OK", "<html>");
  EXPECT_NE(error_of([&] { samples_of(responder, {"What?"}); }), "");
}

TEST(Endpoint, is_asked_in_the_dialect_that_it_knows) {
  MockServer strict(completions([](const nlohmann::json& body) {
    return body.contains("min_p")
               ? MockServer::reply("400 Bad Request", R"({"error":{"message":"unknown: min_p"}})")
               : whole("yes");
  }));
  EndpointResponder responder(at(strict), {}, PromptForm::chat);
  EXPECT_EQ(samples_of(responder, kQuestions).size(), 3u);
  MockServer odd(completions([](const nlohmann::json& body) {
    return body["top_k"] == 0 && body["min_p"] == 0.0
               ? whole("yes")
               : MockServer::reply("500 Internal Server Error", "top_k: must be 0 or more");
  }));
  EndpointResponder other(at(odd), {}, PromptForm::chat);
  EXPECT_EQ(samples_of(other, kQuestions).size(), 3u);
}

TEST(Endpoint, samples_that_came_are_kept_when_one_fails) {
  MockServer server(completions([](const nlohmann::json& body) {
    return body["messages"][0]["content"] == "bad" ? MockServer::reply("400 Bad Request", "")
                                                   : whole("yes");
  }));
  Endpoint endpoint = at(server);
  endpoint.concurrency = 1;
  EndpointResponder responder(endpoint, {}, PromptForm::chat);
  const std::vector<std::string> questions = {"a", "b", "bad", "c"};
  std::vector<Prompt> prompts;
  for (std::size_t i = 0; i < questions.size(); ++i) prompts.push_back({i, 0, &questions[i]});
  int kept = 0;
  EXPECT_THROW(responder.respond(prompts, [&](const Prompt&, const Response&) { ++kept; }), Error);
  EXPECT_EQ(kept, 2);
}

TEST(Endpoint, is_named_clearly_where_it_is_none) {
  const MockServer server([](const MockServer::Asked&) {
    return MockServer::reply("200 OK", R"({"data":[{"id":"a"},{"id":"b"}]})");
  });
  const auto fault = [](const std::string& url) {
    return error_of([&] { EndpointResponder({.url = url}, {}, PromptForm::chat); });
  };
  EXPECT_NE(fault(server.url()).find("several models: a, b"), std::string::npos);
  EXPECT_NE(fault("http://127.0.0.1:1").find("connect"), std::string::npos);
  EXPECT_NE(fault("127.0.0.1:8080").find("no address of HTTP"), std::string::npos);
  EXPECT_NE(fault("https://me:word@host/v1").find("--api-key"), std::string::npos);
  EXPECT_EQ(fault("https://me:word@host/v1").find("word@"), std::string::npos);
}

Response read(const std::string& bytes, std::size_t piece = 1) {
  CompletionReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.take(bytes.substr(at, piece));
  return reader.finish();
}

TEST(CompletionReader, joins_events_however_they_are_cut) {
  const std::string stream =
      ": keep-alive\n\n"
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null,"
      "\"reasoning_content\":\"hm\"},\"finish_reason\":null}]}\r\n\r\n"
      "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"m\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"4\"}}]}\n\n"
      "event: "
      "x\ndata:{\"choices\":[{\"delta\":{\"content\":\"2\"},\"finish_reason\":\"stop\"}]}\n\n"
      "data: {\"choices\":[],\"usage\":{\"completion_tokens\":9}}\n\n"
      "data: [DONE]\n\n";
  for (const std::size_t piece : {1u, 7u, 10000u}) {
    const Response response = read(stream, piece);
    EXPECT_EQ(response.text, "<think>hmm</think>42");
    EXPECT_EQ(response.finish_reason, "stop");
    EXPECT_EQ(response.tokens, 9);
  }
}

TEST(CompletionReader, counts_pieces_where_the_server_counts_no_tokens) {
  const Response response = read(
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"4\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"2\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
  EXPECT_EQ(response.tokens, 2);
}

TEST(CompletionReader, reads_whole_answers_of_chats_and_texts) {
  EXPECT_EQ(read("\n\n{\n\"choices\":[{\"text\":\"a\",\"finish_reason\":\"length\"}]}").text, "a");
  const Response cut =
      read(R"({"choices":[{"message":{"content":"","reasoning":"hm"},"finish_reason":"length"}]})");
  EXPECT_EQ(cut.text, "<think>hm");
}

TEST(CompletionReader, refuses_what_is_no_whole_answer) {
  for (const char* bytes :
       {"", "{", "[]", "<html>", "{}", "{\"choices\":[3]}", "{\"choices\":[{\"text\":\"a\"}]}",
        "data: {\"choices\":[{\"delta\":{\"content\":\"4\"}}]}\n\n", "data: {\n",
        "data: {\"error\":{\"message\":\"full\"}}\n\n", "data: [1]\n\n"}) {
    EXPECT_NE(error_of([&] { read(bytes); }), "") << bytes;
  }
}

}  // namespace
}  // namespace r1::evaluate
