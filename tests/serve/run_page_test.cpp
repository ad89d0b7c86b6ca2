#include "serve/run_page.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/files.h"
#include "formats/json.h"
#include "temporary_folder.h"

namespace r1::serve {
namespace {

struct KeptReply : HttpReply {
  HttpAnswer answer;
  void send(HttpAnswer given) override { answer = std::move(given); }
  void begin(HttpAnswer, std::string) override { FAIL(); }
  bool write(std::string) override { return false; }
  void end() override { FAIL(); }
  void on_gone(std::function<void()>) override {}
};

class RunPageTest : public testing::Test {
 protected:
  HttpRequest request(const std::string& path, const std::string& query = {}) const {
    return {.method = "GET",
            .path = path,
            .query = query,
            .headers = {{"host", "localhost:80"}},
            .body = {},
            .client = {}};
  }
  HttpAnswer get(const std::string& path, const std::string& query = {}) {
    const HttpRequest asked = request(path, query);
    if (auto refused = page_.refuse(asked)) return *refused;
    const auto reply = std::make_shared<KeptReply>();
    page_.handle(asked, reply);
    return reply->answer;
  }
  nlohmann::json json(const std::string& path, const std::string& query = {}) {
    const HttpAnswer answer = get(path, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return nlohmann::json::parse(answer.body);
  }

  TemporaryFolder folder_;
  RunPage page_{folder_ / "run"};
};

TEST_F(RunPageTest, begins_before_the_run_has_a_folder) {
  EXPECT_EQ(
      json("/run/about"),
      (nlohmann::json{{"name", "run"}, {"recipe", ""}, {"samples", nlohmann::json::array()}}));
  EXPECT_EQ(json("/run/metrics").at("lines"), nlohmann::json::array());
  EXPECT_EQ(get("/").status, 200);
  EXPECT_NE(get("/").body.find("page.js"), std::string::npos);
}

TEST_F(RunPageTest, is_named_as_its_folder_also_with_a_slash_at_the_end) {
  page_ = RunPage(folder_ / "run/");
  EXPECT_EQ(json("/run/about").at("name"), "run");
}

TEST_F(RunPageTest, gives_whole_lines_as_they_come_and_begins_again_with_a_shorter_file) {
  std::filesystem::create_directories(folder_ / "run");
  const auto file = folder_ / "run" / "metrics.jsonl";
  write_file(file, "{\"step\":1}\n{\"step\":2}\n{\"st");
  auto piece = json("/run/metrics", "from=0");
  EXPECT_EQ(piece.at("lines").dump(), R"([{"step":1},{"step":2}])");
  EXPECT_EQ(piece.at("next"), 22);
  EXPECT_EQ(piece.at("more"), true);
  piece = json("/run/metrics", "from=22");
  EXPECT_EQ(piece.at("lines").size(), 0u);
  EXPECT_EQ(piece.at("more"), false);
  write_file(file, "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
  piece = json("/run/metrics", "from=22");
  EXPECT_EQ(piece.at("lines").dump(), R"([{"step":3}])");
  EXPECT_EQ(piece.at("restarted"), false);
  write_file(file, "{\"step\":1}\nno json\n");
  piece = json("/run/metrics", "from=33");
  EXPECT_EQ(piece.at("lines").dump(), R"([{"step":1}])");
  EXPECT_EQ(piece.at("restarted"), true);
}

TEST_F(RunPageTest, gives_large_files_in_pieces) {
  std::filesystem::create_directories(folder_ / "run");
  std::string text;
  const std::string filling(1000, 'x');
  for (int i = 0; i < 9000; ++i) {
    text += "{\"step\":" + std::to_string(i) + ",\"x\":\"" + filling + "\"}\n";
  }
  write_file(folder_ / "run" / "metrics.jsonl", text);
  int steps = 0;
  std::uint64_t from = 0;
  for (bool more = true; more;) {
    const auto piece = json("/run/metrics", "from=" + std::to_string(from));
    for (const auto& line : piece.at("lines")) EXPECT_EQ(line.at("step"), steps++);
    from = piece.at("next");
    more = piece.at("more");
  }
  EXPECT_EQ(steps, 9000);
  EXPECT_EQ(from, text.size());
}

TEST_F(RunPageTest, gives_samples_of_stages_that_have_some_and_no_other_file) {
  std::filesystem::create_directories(folder_ / "run" / "samples");
  write_file(folder_ / "run" / "samples" / "grpo.jsonl", "{\"step\":1,\"response\":\"4\"}\n");
  write_file(folder_ / "run" / "secret.jsonl", "{\"step\":1}\n");
  EXPECT_EQ(json("/run/about").at("samples").dump(), R"(["grpo"])");
  EXPECT_EQ(json("/run/samples", "stage=grpo&from=0").at("lines").size(), 1u);
  for (const char* stage : {"../secret", "..%2fsecret", "", "sft", "grpo.jsonl"}) {
    EXPECT_EQ(get("/run/samples", std::string("stage=") + stage).status, 404) << stage;
  }
}

TEST_F(RunPageTest, refuses_what_is_no_reading_of_the_run) {
  EXPECT_EQ(get("/run/metrics", "from=-1").status, 400);
  EXPECT_EQ(get("/run/metrics", "from=1x").status, 400);
  EXPECT_EQ(get("/v1/models").status, 404);
  EXPECT_EQ(get("/../recipe.toml").status, 404);
  HttpRequest asked = request("/run/metrics");
  asked.method = "POST";
  EXPECT_EQ(page_.refuse(asked)->status, 405);
  asked = request("/run/metrics");
  asked.headers = {{"host", "evil.example"}};
  EXPECT_EQ(page_.refuse(asked)->status, 403);
  asked.headers = {{"host", "localhost:80"}, {"origin", "http://evil.example"}};
  EXPECT_EQ(page_.refuse(asked)->status, 403);
}

}  // namespace
}  // namespace r1::serve
