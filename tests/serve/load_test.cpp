// Many clients at once, and clients that go away.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

Json chat(const std::string& question, int tokens, bool stream) {
  return {{"messages", {{{"role", "user"}, {"content", question}}}},
          {"temperature", 0},
          {"max_tokens", tokens},
          {"stream", stream}};
}

std::string text_of(const ClientAnswer& answer) {
  std::string text;
  for (const auto& event : answer.events()) {
    const auto& delta = event.at("choices").at(0).at("delta");
    text += delta.value("reasoning_content", "") + delta.value("content", "");
  }
  return text;
}

bool soon(const auto& condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(Load, of_256_streams_at_once_all_finish_and_none_is_wrong) {
  const TestServer server(
      {.engine = {
           .context_length = 2000, .cache_tokens = 8192, .kept_tokens = 2048, .sequences = 64}});
  constexpr int kStreams = 256, kQuestions = 8;
  std::vector<std::string> alone;
  for (int i = 0; i < kQuestions; ++i) {
    alone.push_back(text_of(
        post(server, "/v1/chat/completions", chat("question " + std::to_string(i), 12, true))));
    EXPECT_FALSE(alone.back().empty());
  }
  std::list<Client> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(
        post_request("/v1/chat/completions",
                     json_text(chat("question " + std::to_string(i % kQuestions), 12, true))));
  }
  int i = 0;
  for (Client& client : clients) {
    const ClientAnswer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(text_of(answer), alone[static_cast<std::size_t>(i++ % kQuestions)]);
  }
}

TEST(Load, a_full_queue_refuses_with_the_time_to_come_again) {
  const TestServer server({.requests = 2});
  std::list<Client> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(post_request("/v1/chat/completions", json_text(chat("x", 1500, true))));
    ASSERT_TRUE(clients.back().receive());
  }
  const ClientAnswer refused = post(server, "/v1/chat/completions", chat("x", 1, true));
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.head.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(refused.json().at("error").at("code"), "queue_full");
  clients.clear();
  EXPECT_TRUE(soon(
      [&] { return post(server, "/v1/chat/completions", chat("x", 1, false)).status == 200; }));
}

TEST(Load, an_answer_nobody_waits_for_is_cancelled) {
  const TestServer server;
  for (const bool stream : {true, false}) {
    Client client(server.port());
    client.send(post_request("/v1/chat/completions", json_text(chat("x", 1900, stream))));
    EXPECT_TRUE(soon([&] { return server.load().requests == 1; }));
    client.close();
    EXPECT_TRUE(soon([&] { return server.load().requests == 0; }));
    EXPECT_LT(server.load().generated_tokens, stream ? 1900 : 3800);
  }
}

TEST(Load, idle_and_slow_connections_do_not_hold_up_a_stream) {
  const TestServer server;
  std::list<Client> idle;
  for (int i = 0; i < 300; ++i) idle.emplace_back(server.port());
  int i = 0;
  for (Client& client : idle) {
    if (i++ % 3 == 0) client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: loc");
  }
  EXPECT_TRUE(soon([&] { return server.connections() == 300; }));
  EXPECT_TRUE(
      post(server, "/v1/chat/completions", chat("x", 20, true)).body.ends_with("[DONE]\n\n"));
  idle.clear();
  EXPECT_TRUE(soon([&] { return server.connections() == 0; }));
}

TEST(Load, more_connections_than_allowed_are_turned_away) {
  const TestServer server({.limits = {.connections = 5}});
  std::list<Client> clients;
  for (int i = 0; i < 5; ++i) clients.emplace_back(server.port());
  EXPECT_TRUE(soon([&] { return server.connections() == 5; }));
  Client late(server.port());
  EXPECT_EQ(late.answer(10).status, 503);
}

TEST(Load, a_request_may_take_only_so_long) {
  const TestServer server({.limits = {.request_seconds = 1}});
  Client client(server.port());
  client.send(
      post_request("/v1/completions", R"({"prompt":"x","max_tokens":1900,"n":100,"stream":true})"));
  while (client.receive(10)) {
  }
  EXPECT_FALSE(client.received().ends_with("0\r\n\r\n"));
  EXPECT_TRUE(soon([&] { return server.load().requests == 0; }));
}

TEST(Load, stopping_ends_what_runs_and_begins_nothing_new) {
  TestServer server;
  Client running(server.port()), idle(server.port());
  running.send(post_request("/v1/chat/completions", json_text(chat("x", 300, true))));
  ASSERT_TRUE(running.receive());
  idle.send(get_request("/health"));
  EXPECT_EQ(idle.answer().status, 200);
  server.begin_stop();
  EXPECT_TRUE(running.answer().body.ends_with("data: [DONE]\n\n"));
  EXPECT_FALSE(idle.receive(10));  // closed
  server.stop();
  EXPECT_THROW(Client{server.port()}, std::runtime_error);
}

TEST(Load, the_counters_count) {
  const TestServer server;
  post(server, "/v1/chat/completions", chat("x", 5, false));
  get(server, "/nothing");
  const std::string text = get(server, "/metrics").body;
  EXPECT_NE(text.find("\nr1_generated_tokens_total 5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("r1_answers_total{path=\"/chat/completions\",status=\"200\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("r1_answers_total{path=\"\",status=\"404\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("r1_time_to_first_token_seconds_count 1\n"), std::string::npos);
}

}  // namespace
}  // namespace r1::serve
