#include "formats/chat_template.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/error.h"
#include "base/files.h"

namespace r1 {
namespace {

using nlohmann::ordered_json;

/// Where the goldens' templates come from.
std::filesystem::path source_of(const std::string& name, const std::filesystem::path& shared) {
  if (name == "smollm2") return shared / "models/SmolLM2-135M-Instruct.Q4_1.gguf";
  const auto file = shared / "templates" / (name + ".jinja");
  return std::filesystem::exists(file) ? file : shared / "tokenizers" / name;
}

ChatRequest request_of(const ordered_json& row) {
  ChatRequest request;
  request.messages = row.at("messages");
  request.tools = row.at("tools");
  request.add_generation_prompt = row.at("add_generation_prompt").get<bool>();
  request.bos_token = row.at("bos").get<std::string>();
  if (row.contains("extra")) request.extra = row.at("extra");
  return request;
}

TEST(ChatTemplate, rendersTheReferenceConversationsByteForByte) {
  const std::filesystem::path shared = R1_SHARED;
  if (shared.empty() || !std::filesystem::exists(shared)) {
    GTEST_SKIP() << "the folder with the goldens (R1_SHARED) is absent";
  }
  std::ifstream file(shared / "goldens/text/chat.jsonl");
  ASSERT_TRUE(file);
  std::map<std::string, ChatTemplate> templates;
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const ordered_json row = ordered_json::parse(line);
    const std::string name = row.at("template").get<std::string>();
    if (!templates.contains(name)) {
      templates.emplace(name, load_chat_template(source_of(name, shared)));
    }
    const ChatTemplate& chat_template = templates.at(name);
    if (row.contains("error")) {
      EXPECT_THROW(chat_template.render(request_of(row)), Error) << "row " << rows;
    } else {
      try {
        EXPECT_EQ(chat_template.render(request_of(row)), row.at("text").get<std::string>())
            << "row " << rows;
      } catch (const Error& error) {
        ADD_FAILURE() << "row " << rows << ": " << error.what();
      }
    }
  }
  EXPECT_EQ(rows, 180);
}

constexpr const char* simple =
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]<think>\n{% endif %}";

ChatRequest greeting() {
  ChatRequest request;
  request.messages = {{{"role", "user"}, {"content", "hi"}}};
  request.bos_token = "<s>";
  request.eos_token = "</s>";
  return request;
}

/// A folder of its own for one test, removed at its end.
class Folder {
 public:
  Folder() : path_(std::filesystem::path(testing::TempDir()) / "r1_chat_template_test") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void add(const std::string& name, const std::string& text) const {
    write_file(path_ / name, text);
  }

 private:
  std::filesystem::path path_;
};

TEST(ChatTemplate, rendersConversationWithItsSpecialTokens) {
  const ChatTemplate chat_template(simple);
  ChatRequest request = greeting();
  EXPECT_EQ(chat_template.render(request), "<s>[user]hi[assistant]<think>\n");
  request.add_generation_prompt = false;
  EXPECT_EQ(chat_template.render(request), "<s>[user]hi");
}

TEST(ChatTemplate, passesToolsAndExtraVariables) {
  const ChatTemplate chat_template(
      "{{ tools is none }}{{ tools is defined }}{{ eos_token }}{{ mood }}{{ messages | length }}");
  ChatRequest request = greeting();
  request.extra = {{"mood", "calm"}, {"messages", nlohmann::ordered_json::array()}};
  EXPECT_EQ(chat_template.render(request), "TrueTrue</s>calm0");
  request.extra = 5;
  EXPECT_THROW(chat_template.render(request), Error);
  request.extra = nullptr;
  request.messages = "hi";
  EXPECT_THROW(chat_template.render(request), Error);
}

TEST(ChatTemplate, takesTheToolUseTemplateForRequestsWithTools) {
  const ChatTemplate chat_template("plain", "with {{ tools | length }} tools");
  ChatRequest request = greeting();
  EXPECT_EQ(chat_template.render(request), "plain");
  request.tools = nlohmann::ordered_json::array({1, 2});
  EXPECT_EQ(chat_template.render(request), "with 2 tools");
}

TEST(ChatTemplate, refusesTextThatIsNoTemplate) {
  EXPECT_THROW(ChatTemplate("{% if %}"), Error);
  EXPECT_THROW(ChatTemplate("fine", "{{"), Error);
}

TEST(LoadChatTemplate, prefersTheFolderOwnTemplateFile) {
  const Folder folder;
  EXPECT_THROW(load_chat_template(folder.path()), Error);
  folder.add("tokenizer_config.json", R"({"chat_template": "from config"})");
  EXPECT_EQ(load_chat_template(folder.path()).render(greeting()), "from config");
  folder.add("chat_template.jinja", "from file\n");
  EXPECT_EQ(load_chat_template(folder.path()).render(greeting()), "from file");
  EXPECT_EQ(load_chat_template(folder.path() / "chat_template.jinja").render(greeting()),
            "from file");
}

TEST(LoadChatTemplate, takesNamedTemplates) {
  const Folder folder;
  folder.add("tokenizer_config.json",
             R"({"chat_template": [{"name": "tool_use", "template": "tools"},
                                   {"name": "default", "template": "default"}]})");
  ChatRequest request = greeting();
  EXPECT_EQ(load_chat_template(folder.path()).render(request), "default");
  request.tools = nlohmann::ordered_json::array({1});
  EXPECT_EQ(load_chat_template(folder.path()).render(request), "tools");
}

TEST(LoadChatTemplate, refusesFoldersWithoutUsableTemplate) {
  const Folder folder;
  for (const char* config :
       {"{}", "[]", "{", R"({"chat_template": 5})", R"({"chat_template": [{"name": "x"}]})",
        R"({"chat_template": [{"name": "rag", "template": "x"}]})",
        R"({"chat_template": "{% if"})"}) {
    folder.add("tokenizer_config.json", config);
    EXPECT_THROW(load_chat_template(folder.path()), Error) << config;
  }
}

TEST(BeginsInThinking, seesAnOpenedTagAtTheEndOnly) {
  EXPECT_TRUE(
      begins_in_thinking("<\xef\xbd\x9c"
                         "Assistant\xef\xbd\x9c><think>\n"));
  EXPECT_TRUE(begins_in_thinking("<think>"));
  EXPECT_TRUE(begins_in_thinking("<think>\n\n"));
  EXPECT_FALSE(begins_in_thinking("<think>\n</think>"));
  EXPECT_FALSE(begins_in_thinking("<think>\n\n</think>\n\n"));
  EXPECT_FALSE(begins_in_thinking("what does <think> mean?"));
  EXPECT_FALSE(begins_in_thinking(""));
}

}  // namespace
}  // namespace r1
