#include "serve/page.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/test_server.h"

namespace r1::serve {
namespace {

std::string header(const ClientAnswer& answer, const std::string& name) {
  const std::size_t at = answer.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return answer.head.substr(begin, answer.head.find("\r\n", begin) - begin);
}

TEST(Page, every_file_is_served_whole_with_its_type_and_strict_headers) {
  const TestServer server;
  ASSERT_GT(page_files().size(), 10U);
  for (const PageFile& file : page_files()) {
    const ClientAnswer answer = get(server, std::string(file.path));
    EXPECT_EQ(answer.status, 200) << file.path;
    EXPECT_EQ(answer.body, file.bytes) << file.path;
    EXPECT_FALSE(file.bytes.empty()) << file.path;
    EXPECT_NE(header(answer, "Content-Type"), "application/octet-stream") << file.path;
    EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
    const std::string policy = header(answer, "Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  }
  EXPECT_EQ(header(get(server, "/"), "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get(server, "/").body, get(server, "/index.html").body);
}

TEST(Page, names_no_other_server_and_runs_no_script_of_its_own_text) {
  const std::string_view page = find_page_file(page_files(), "/")->bytes;
  EXPECT_EQ(page.find("//"), std::string_view::npos);
  EXPECT_EQ(page.find("<script>"), std::string_view::npos);
  EXPECT_EQ(page.find("style="), std::string_view::npos);
  EXPECT_EQ(find_page_file(page_files(), "/page.css")->bytes.find("http"), std::string_view::npos);
}

TEST(Page, is_not_sent_again_to_a_browser_that_has_it) {
  const TestServer server;
  const std::string etag = header(get(server, "/page.js"), "ETag");
  ASSERT_FALSE(etag.empty());
  Client client(server.port());
  client.send(get_request("/page.js", "If-None-Match: W/\"other\", " + etag + "\r\n"));
  EXPECT_EQ(client.answer(10, false).status, 304);
  EXPECT_EQ(get(server, "/page.js", "If-None-Match: \"other\"\r\n").status, 200);
}

TEST(Page, needs_no_key_but_the_servers_own_name) {
  const TestServer server({.access = {.keys = {"secret"}}});
  EXPECT_EQ(get(server, "/").status, 200);
  Client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(client.answer(10).status, 403);
}

TEST(Page, nothing_else_can_be_reached) {
  const TestServer server;
  for (const char* path : {"/../page.js", "//page.js", "/./", "/page.js/", "/%70age.js",
                           "/../../etc/passwd", "/etc/passwd", "/v1/page.js", "/web/src/main.ts"}) {
    EXPECT_EQ(get(server, path).status, 404) << path;
  }
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.answer(10).status, 405);
}

}  // namespace
}  // namespace r1::serve
