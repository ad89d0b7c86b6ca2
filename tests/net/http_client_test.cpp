#include "net/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "base/error.h"
#include "error_of.h"
#include "mock_server.h"

namespace r1::net {
namespace {

TEST(HttpClient, sends_headers_and_body_and_gives_status_and_answer) {
  MockServer::Asked asked;
  MockServer server([&](const MockServer::Asked& request) {
    asked = request;
    return MockServer::reply("201 Created", "made");
  });
  HttpClient client;
  const HttpResponse response = client.send({.url = server.url() + "/a?b",
                                             .headers = {"Authorization: Bearer key"},
                                             .body = std::string("{\"x\":\0}", 7)});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "made");
  EXPECT_TRUE(asked.head.starts_with("POST /a?b HTTP/1.1\r\n")) << asked.head;
  EXPECT_NE(asked.head.find("\r\nAuthorization: Bearer key\r\n"), std::string::npos);
  EXPECT_EQ(asked.body, std::string("{\"x\":\0}", 7));
  client.send({.url = server.url() + "/"});
  EXPECT_TRUE(asked.head.starts_with("GET / HTTP/1.1\r\n")) << asked.head;
}

TEST(HttpClient, tells_when_to_come_again) {
  MockServer server([&](const MockServer::Asked&) {
    return MockServer::reply("429 Too Many Requests", "", "Retry-After: 7\r\n");
  });
  const HttpResponse response = HttpClient().send({.url = server.url()});
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.retry_after, 7);
}

TEST(HttpClient, tells_where_a_redirect_leads_and_follows_none) {
  MockServer server([&](const MockServer::Asked& request) {
    return request.head.starts_with("GET /new")
               ? MockServer::reply("200 OK", "here")
               : MockServer::reply("302 Found", "", "Location: /new\r\n");
  });
  HttpClient client;
  const HttpResponse response = client.send({.url = server.url() + "/old"});
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.redirect, server.url() + "/new");
}

TEST(HttpClient, refuses_what_is_too_long_cut_off_or_unreachable_in_a_sentence) {
  MockServer server([&](const MockServer::Asked& request) {
    return request.head.starts_with("GET /cut")
               ? std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
               : MockServer::reply("200 OK", std::string(5000, 'x'));
  });
  HttpClient client;
  EXPECT_NE(error_of([&] { client.send({.url = server.url(), .most_bytes = 4999}); }).find("4999"),
            std::string::npos);
  EXPECT_EQ(client.send({.url = server.url(), .most_bytes = 5000}).body.size(), 5000u);
  EXPECT_THROW(client.send({.url = server.url() + "/cut"}), Error);
  EXPECT_THROW(client.send({.url = "http://127.0.0.1:1/"}), Error);
  EXPECT_THROW(client.send({.url = "file:///etc/passwd"}), Error);
  EXPECT_THROW(client.send({.url = server.url(), .headers = {"A: b\r\nC: d"}}), Error);
}

TEST(HttpClient, hands_a_body_over_as_it_comes_and_ends_when_told_to) {
  MockServer server([&](const MockServer::Asked&) {
    return MockServer::reply("200 OK", std::string(300000, 'x'));
  });
  HttpClient client;
  std::size_t bytes = 0;
  client.send({.url = server.url(), .most_bytes = 1}, [&](int status, std::string_view part) {
    EXPECT_EQ(status, 200);
    bytes += part.size();
    return true;
  });
  EXPECT_EQ(bytes, 300000u);
  EXPECT_THROW(client.send({.url = server.url()}, [](int, std::string_view) { return false; }),
               Error);
  EXPECT_THROW(client.send({.url = server.url()},
                           [](int, std::string_view) -> bool { throw Error("here", "stop"); }),
               Error);
}

TEST(HttpClient, is_stopped_while_it_waits) {
  std::atomic<bool> stop = false;
  MockServer server([&](const MockServer::Asked&) {
    stop = true;
    std::this_thread::sleep_for(std::chrono::seconds(2));
    return MockServer::reply("200 OK", "late");
  });
  HttpClient client([&] { return stop.load(); });
  EXPECT_THROW(client.send({.url = server.url()}), Error);
}

TEST(HttpClient, gives_a_silent_server_up) {
  MockServer server([&](const MockServer::Asked&) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    return MockServer::reply("200 OK", "late");
  });
  EXPECT_THROW(HttpClient().send({.url = server.url(), .silence_seconds = 1}), Error);
}

}  // namespace
}  // namespace r1::net
