// What bad clients send: each gets a proper status, and the server goes on.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

const char* const kChat = "/v1/chat/completions";

class Hostile : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(get(server, "/health").status, 200); }
  /// The status that these bytes get; 0 if the connection ends without one.
  int status_of(const std::string& bytes, bool end_sending = true) const {
    Client client(server.port());
    client.send(bytes);
    if (end_sending) client.end_sending();
    return client.answer(10).status;
  }
  int status_of_body(const std::string& body) const {
    return status_of(post_request(kChat, body), false);
  }

  TestServer server{{.limits = {.header_bytes = 4096,
                                .body_bytes = 1 << 20,
                                .head_seconds = 2,
                                .body_seconds = 2,
                                .write_seconds = 2}}};
};

std::string with_content(const std::string& content) {
  return R"({"messages":[{"role":"user","content":")" + content +
         R"("}],"max_tokens":2,"thinking_budget":1})";
}

TEST_F(Hostile, bodies_that_are_no_json_objects_are_wrong_requests) {
  for (const std::string& body : std::vector<std::string>{
           "", "{", "}", "null", "[]", "5", "\"x\"", "{\"messages\":", "{'messages':[]}",
           "{\"messages\":[]}}", "{\"a\":1,\"a\":2}", std::string(1000, '\0'), "\xff\xfe{}",
           "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}",
           "{\"temperature\":1e999}", "{\"n\":99999999999999999999999}", "\xef\xbb\xbf"}) {
    EXPECT_EQ(status_of_body(body), 400) << body.substr(0, 40);
  }
}

TEST_F(Hostile, invalid_utf8_is_a_wrong_request) {
  for (const char* bytes : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(status_of_body(with_content(bytes)), 400);
  }
  EXPECT_EQ(status_of_body(with_content("\xe2\x82\xac \\u0000 \\ud83d\\ude00")), 200);
}

TEST_F(Hostile, nested_bombs_and_huge_objects_are_wrong_requests) {
  EXPECT_EQ(status_of_body(std::string(500000, '[')), 400);
  EXPECT_EQ(status_of_body("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}"),
            400);
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "{\"a\":";
  EXPECT_EQ(status_of_body(deep), 400);
  std::string keys = "{";
  for (int i = 0; i < 60000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(status_of_body(keys + "\"z\":0}"), 400);
}

TEST_F(Hostile, large_bodies_are_refused_before_they_are_read) {
  Client client(server.port());
  client.send("POST " + std::string(kChat) +
              " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              "Content-Length: 31457280\r\n\r\n");
  const ClientAnswer early = client.answer(10);
  EXPECT_EQ(early.status, 413);
  EXPECT_TRUE(early.json().contains("error"));
  // One that sends all of it before it listens gets the answer too.
  Client stubborn(server.port());
  stubborn.send(post_request(kChat, std::string(30 << 20, ' ')));
  EXPECT_EQ(stubborn.answer(10).status, 413);
  Client chunked(server.port());
  chunked.send("POST " + std::string(kChat) +
               " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  for (int i = 0; i < 40 && chunked.send(chunk); ++i) {
  }
  EXPECT_EQ(chunked.answer(10).status, 413);
}

TEST_F(Hostile, floods_of_headers_are_refused) {
  std::string many = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 5000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(status_of(many + "\r\n", false), 431);
  EXPECT_EQ(status_of("GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100000, 'y') +
                          "\r\n\r\n",
                      false),
            431);
  EXPECT_EQ(
      status_of("GET /" + std::string(100000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", false),
      431);
}

TEST_F(Hostile, lengths_that_lie_cost_no_more_than_their_time) {
  const std::string head = "POST " + std::string(kChat) +
                           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  EXPECT_EQ(status_of(head + "Content-Length: 5000\r\n\r\n{}"), 0);         // ends early
  EXPECT_EQ(status_of(head + "Content-Length: 5000\r\n\r\n{}", false), 0);  // never goes on
  EXPECT_EQ(status_of(head + "Content-Length: -5\r\n\r\n{}"), 400);
  EXPECT_EQ(status_of(head + "Content-Length: 99999999999999999999\r\n\r\n{}"), 400);
  EXPECT_EQ(status_of(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"), 400);
  EXPECT_EQ(status_of(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"), 400);
  EXPECT_EQ(status_of(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n"), 413);
}

TEST_F(Hostile, what_is_no_http_gets_400_or_nothing) {
  for (const std::string& bytes : std::vector<std::string>{
           "\x16\x03\x01\x02", "hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
           "GET /health HTTP/1.1\nHost: localhost\n\n",
           "GET /health HTTP/1.1\r\nHost localhost\r\n\r\n",
           std::string("GET /he\0alth HTTP/1.1\r\nHost: localhost\r\n\r\n", 45),
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    const int status = status_of(bytes);
    EXPECT_TRUE(status == 400 || status == 404 || status == 505 || status == 0) << status << bytes;
  }
}

TEST_F(Hostile, requests_cut_anywhere_do_no_harm) {
  const std::string whole = post_request(kChat, with_content("x"));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    Client client(server.port());
    client.send(whole.substr(0, size));
  }
}

TEST_F(Hostile, other_methods_paths_and_types_are_refused) {
  EXPECT_EQ(get(server, kChat).status, 405);
  EXPECT_NE(get(server, kChat).head.find("Allow: POST"), std::string::npos);
  EXPECT_EQ(post(server, "/v1/models", {}).status, 405);
  for (const char* path : {"/v1", "/v2/models", "/../../etc/passwd", "/%2e%2e/etc/passwd",
                           "/models/../../x", "//models", "/v1/v1/models"}) {
    EXPECT_EQ(get(server, path).status, 404) << path;
  }
  const std::string body = with_content("x");
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
    Client client(server.port());
    client.send("POST " + std::string(kChat) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
                type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(client.answer(10).status, 415) << type;
  }
}

TEST_F(Hostile, ordinary_but_rare_http_works) {
  Client two(server.port());  // two requests at once on one connection
  two.send(get_request("/health") + get_request("/v1/models"));
  EXPECT_EQ(two.answer().json().at("status"), "ok");
  EXPECT_EQ(two.answer().json().at("object"), "list");
  Client head(server.port());
  head.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_request("/health"));
  EXPECT_EQ(head.answer(10, false).status, 200);
  EXPECT_EQ(head.answer(10).status, 200);
  Client old(server.port());
  old.send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(old.answer(10).status, 200);
  EXPECT_FALSE(old.receive(10));  // closed
  const std::string body = with_content("x");
  Client chunked(server.port());
  chunked.send("POST " + std::string(kChat) +
               " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
  for (const char c : body) chunked.send(std::string("1\r\n") + c + "\r\n");
  chunked.send("0\r\n\r\n");
  EXPECT_EQ(chunked.answer().status, 200);
  Client polite(server.port());
  polite.send("POST " + std::string(kChat) +
              " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(polite.receive(10));
  EXPECT_TRUE(polite.received().starts_with("HTTP/1.1 100 Continue\r\n\r\n"));
  polite.send(body);
  EXPECT_EQ(polite.answer().status, 200);
  Client streaming(server.port());  // no chunks in HTTP/1.0
  std::string stream = body;
  stream.insert(1, "\"stream\":true,");
  std::string request = post_request(kChat, stream);
  request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
  streaming.send(request);
  EXPECT_TRUE(streaming.answer().body.ends_with("data: [DONE]\n\n"));
}

}  // namespace
}  // namespace r1::serve
