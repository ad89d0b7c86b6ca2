// Many clients at once, and clients that go away.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "load/load_generator.h"
#include "sanitizer.h"
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

TEST(Load, a_thousand_idle_and_two_hundred_slow_connections_do_not_hold_up_streams) {
  const TestServer server;
  const load::LoadReport report = load::run_load({.port = server.port(),
                                                  .streams = 2,
                                                  .requests = 6,
                                                  .max_tokens = 20,
                                                  .prompts = 3,
                                                  .idle = 1000,
                                                  .slow = 200});
  EXPECT_EQ(report.finished, 6);
  EXPECT_EQ(report.failed + report.wrong, 0);
  EXPECT_EQ(report.tokens, 120);
  EXPECT_TRUE(soon([&] { return server.connections() == 0; }));
}

/// The short form of scripts/soak.sh.
TEST(Load, all_kinds_of_requests_together_are_answered_rightly_and_leave_memory_flat) {
  const TestServer server;
  load::LoadOptions options{.port = server.port(),
                            .streams = 16,
                            .requests = 96,
                            .max_tokens = 8,
                            .prompts = 5,
                            .prompt_words = 10,
                            .idle = 20,
                            .slow = 20,
                            .mixed = true};
  std::int64_t before = 0;
  for (const bool warm : {false, true}) {
    const load::LoadReport report = load::run_load(options);
    EXPECT_EQ(report.finished + report.left, options.requests);
    EXPECT_EQ(report.failed + report.wrong, 0);
    EXPECT_GT(report.left, 0);
    EXPECT_TRUE(soon([&] { return server.load().requests == 0 && server.connections() == 0; }));
    if (!warm) before = load::memory_of(getpid());
    options.requests = 240;
  }
  EXPECT_GT(before, 0);
  if (!kSanitized) {
    EXPECT_LT(load::memory_of(getpid()), before + (std::int64_t{16} << 20));
  }
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

TEST(Load, a_client_that_does_not_read_its_answer_is_left) {
  const TestServer server({.limits = {.queued_bytes = 1 << 16, .write_seconds = 1}});
  Client client(server.port());
  client.send(
      post_request("/v1/completions", R"({"prompt":"x","max_tokens":1900,"n":100,"stream":true})"));
  EXPECT_TRUE(soon([&] { return server.load().generated_tokens > 0; }));
  EXPECT_TRUE(soon([&] { return server.load().requests == 0; }));
  EXPECT_LT(server.load().generated_tokens, 190000);
  EXPECT_TRUE(soon([&] { return server.connections() == 0; }));
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
