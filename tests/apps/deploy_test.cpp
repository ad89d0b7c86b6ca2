// What stands in deploy/: nginx before two servers, and the unit for systemd.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/child_process.h"
#include "base/files.h"
#include "net/http_client.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

const fs::path kDeploy = fs::path(R1_SOURCE_DIR) / "deploy";
const fs::path kModel = fs::path(R1_SHARED) / "models/SmolLM2-135M-Instruct.Q4_1.gguf";

/// The program's path, or "" where it isn't installed.
std::string find_program(const std::string& name) {
  std::istringstream folders(std::string(std::getenv("PATH")) + ":/usr/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code ignored;
    if (fs::is_regular_file(fs::path(folder) / name, ignored)) return folder + "/" + name;
  }
  return "";
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  ASSERT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at; (at = text.find(from)) != std::string::npos;) {
    text.replace(at, from.size(), to);
  }
}

/// One r1 serve.
class Backend {
 public:
  Backend()
      : process_("exec '" R1_PROGRAM "' serve -m '" + kModel.string() +
                 "' --port 0 --threads 1 --cache-tokens 4096 --quiet") {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    for (std::string line; process_.exchange("", line, deadline) == ChildProcess::Outcome::done &&
                           address_.empty();) {
      const std::size_t at = line.find("listening on http://");
      if (at != std::string::npos) address_ = line.substr(at + 20);
      if (!address_.empty()) break;
    }
  }
  const std::string& address() const { return address_; }

 private:
  ChildProcess process_;
  std::string address_;
};

class Nginx : public testing::Test {
 protected:
  void SetUp() override {
    const std::string program = find_program("nginx");
    if (program.empty()) GTEST_SKIP() << "nginx isn't installed";
    if (!fs::exists(kModel)) GTEST_SKIP() << "no model in R1_SHARED";
    for (auto& backend : backends_) backend.emplace();
    for (const auto& backend : backends_) ASSERT_NE(backend->address(), "");
    std::string servers = read_file(kDeploy / "nginx.conf");
    replace_all(servers, "127.0.0.1:8081", backends_[0]->address());
    replace_all(servers, "127.0.0.1:8082", backends_[1]->address());
    start(program, servers);
  }

  /// At the first port that nginx can have.
  void start(const std::string& program, const std::string& servers) {
    for (int port = 20000 + static_cast<int>(::getpid() % 20000), i = 0; i < 3; ++i, ++port) {
      std::string text = servers;
      replace_all(text, "listen 8000;", "listen 127.0.0.1:" + std::to_string(port) + ";");
      write_file(folder_ / "r1.conf", text);
      write_file(folder_ / "nginx.conf",
                 "daemon off;\npid nginx.pid;\nevents {}\nhttp {\n"
                 "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\n"
                 "uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
                 "log_format upstream '$upstream_addr $status';\n"
                 "access_log access.log upstream;\ninclude r1.conf;\n}\n");
      nginx_ = std::make_unique<ChildProcess>("exec '" + program + "' -e error.log -p '" +
                                              folder_.path().string() + "/' -c nginx.conf");
      origin_ = "http://127.0.0.1:" + std::to_string(port);
      if (answers()) return;
    }
    FAIL() << "nginx doesn't start";
  }

  bool answers() const {
    for (int i = 0; i < 30; ++i) {
      try {
        if (net::HttpClient().send({.url = origin_ + "/health"}).status == 200) return true;
      } catch (const Error&) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  net::HttpResponse ask(const nlohmann::json& messages, bool stream = false) const {
    const nlohmann::json body = {{"messages", messages}, {"max_tokens", 2}, {"stream", stream}};
    return net::HttpClient().send({.url = origin_ + "/v1/chat/completions",
                                   .headers = {"Content-Type: application/json"},
                                   .body = body.dump()});
  }

  /// Who answered the last request.
  std::string last_backend() const {
    std::ifstream log(folder_ / "access.log");
    std::string last;
    for (std::string line; std::getline(log, line);) last = line.substr(0, line.find(' '));
    return last;
  }

  TemporaryFolder folder_;
  std::optional<Backend> backends_[2];
  std::unique_ptr<ChildProcess> nginx_;
  std::string origin_;
};

TEST_F(Nginx, keeps_a_conversation_with_its_server_and_goes_on_without_one_that_is_gone) {
  std::vector<nlohmann::json> conversations;
  std::vector<std::string> servers;
  for (int i = 0; i < 6; ++i) {
    nlohmann::json messages = {{{"role", "system"}, {"content", "Be \"brief\"."}},
                               {{"role", "user"}, {"content", "Say " + std::to_string(i)}}};
    ASSERT_EQ(ask(messages).status, 200);
    servers.push_back(last_backend());
    messages.push_back({{"role", "assistant"}, {"content", "Well"}});
    messages.push_back({{"role", "user"}, {"content", "And now?"}});
    conversations.push_back(messages);
  }
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const net::HttpResponse answer = ask(conversations[i]);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(last_backend(), servers[i]) << i;
    const auto usage = nlohmann::json::parse(answer.body)["usage"];
    EXPECT_GT(usage["prompt_tokens_details"]["cached_tokens"], 0) << usage;
    const net::HttpResponse stream = ask(conversations[i], true);
    EXPECT_TRUE(stream.body.ends_with("data: [DONE]\n\n")) << stream.body;
    EXPECT_EQ(last_backend(), servers[i]) << i;
  }
  std::map<std::string, int> used;
  for (int i = 0; i < 60; ++i) {
    net::HttpClient().send(
        {.url = origin_ + "/health", .headers = {"X-Conversation-Id: " + std::to_string(i)}});
    ++used[last_backend()];
  }
  EXPECT_EQ(used.size(), 2u) << "both have work";
  backends_[0].reset();
  for (const nlohmann::json& conversation : conversations) {
    EXPECT_EQ(ask(conversation).status, 200);
  }
  backends_[1].reset();
  const net::HttpResponse none = ask(conversations[0]);
  EXPECT_EQ(none.status, 503);
  EXPECT_EQ(nlohmann::json::parse(none.body)["error"]["code"], "unavailable");
}

TEST(Systemd, the_unit_gives_the_server_few_rights) {
  if (find_program("systemd-analyze").empty()) GTEST_SKIP() << "systemd-analyze isn't installed";
  const std::string unit = (kDeploy / "r1@.service").string();
  const std::string command =
      "systemd-analyze security --offline=true --threshold=20 --no-pager '" + unit + "' >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0) << "its exposure is above 2.0 of 10";
}

}  // namespace
}  // namespace r1
