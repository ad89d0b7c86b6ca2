#include "serve/access.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

int status(const TestServer& server, const std::string& headers,
           const std::string& path = "/v1/models") {
  Client client(server.port());
  client.send("GET " + path + " HTTP/1.1\r\n" + headers + "\r\n");
  return client.answer(10).status;
}

TEST(Access, names_that_lead_here_but_are_not_this_machine_are_refused) {
  const TestServer server;
  for (const char* host :
       {"localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:99"}) {
    EXPECT_EQ(status(server, std::string("Host: ") + host + "\r\n"), 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:80", "localhost.evil.example",
                           "127.0.0.1.evil.example", "", "[::1", "0.0.0.0"}) {
    EXPECT_EQ(status(server, std::string("Host: ") + host + "\r\n"), 403) << host;
  }
  EXPECT_EQ(status(server, ""), 400);
}

TEST(Access, pages_of_other_origins_are_refused_unless_named) {
  const TestServer server({.access = {.origins = {"https://page.example"}}});
  EXPECT_EQ(status(server, "Host: localhost:8080\r\nOrigin: http://localhost:8080\r\n"), 200);
  for (const char* origin : {"http://localhost:8081", "http://evil.example", "null",
                             "https://page.example.evil", "https://page.example:444"}) {
    EXPECT_EQ(status(server, std::string("Host: localhost:8080\r\nOrigin: ") + origin + "\r\n"),
              403)
        << origin;
  }
  Client client(server.port());
  client.send(
      "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
      "Origin: https://page.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  const ClientAnswer preflight = client.answer(10, false);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_NE(preflight.head.find("Access-Control-Allow-Origin: https://page.example\r\n"),
            std::string::npos);
  const ClientAnswer given = get(server, "/v1/models", "Origin: https://page.example\r\n");
  EXPECT_NE(given.head.find("Access-Control-Allow-Origin: https://page.example\r\n"),
            std::string::npos);
  EXPECT_EQ(get(server, "/v1/models").head.find("Access-Control"), std::string::npos);
}

TEST(Access, without_a_key_only_health_and_description_are_shown) {
  const TestServer server({.access = {.keys = {"first", "second"}}});
  const std::string host = "Host: localhost\r\n";
  for (const char* header : {"", "Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
                             "Authorization: Bearer firs\r\n", "Authorization: Bearer firstt\r\n",
                             "Authorization: Basic first\r\n", "Authorization: first\r\n"}) {
    EXPECT_EQ(status(server, host + header), 401) << header;
    EXPECT_EQ(status(server, host + header, "/metrics"), 401) << header;
    EXPECT_EQ(status(server, host + header, "/health"), 200) << header;
  }
  EXPECT_EQ(status(server, host + "Authorization: Bearer first\r\n"), 200);
  EXPECT_EQ(status(server, host + "authorization: bearer second\r\n"), 200);
  // The body of a stranger's request isn't even read.
  Client client(server.port());
  client.send(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(client.answer(10).status, 401);
}

TEST(Access, beyond_this_machine_any_name_will_do) {
  const TestServer server({.access = {.keys = {"k"}, .check_host = false}});
  EXPECT_EQ(status(server, "Host: box.example\r\nAuthorization: Bearer k\r\n"), 200);
}

TEST(Access, keys_that_are_made_differ_and_are_long) {
  EXPECT_NE(random_key(), random_key());
  EXPECT_EQ(random_key().size(), 51U);
}

}  // namespace
}  // namespace r1::serve
