#include "formats/chat_template.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "formats/tokenizer.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

using nlohmann::ordered_json;

/// The templates that the goldens name.
ChatTemplate named_template(const std::string& name, const std::filesystem::path& shared) {
  const auto file = shared / "templates" / (name + ".jinja");
  if (std::filesystem::exists(file)) return ChatTemplate::read(file);
  return ChatTemplate::of(Tokenizer::open(name == "smollm2"
                                              ? shared / "models/SmolLM2-135M-Instruct.Q4_1.gguf"
                                              : shared / "tokenizers" / name));
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
      templates.emplace(name, named_template(name, shared));
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

TEST(ChatTemplate, isReadFromAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "chat_template.jinja", "{{ messages | length }} from a file\n");
  EXPECT_EQ(ChatTemplate::read(folder.path() / "chat_template.jinja").render(greeting()),
            "1 from a file");
  EXPECT_THROW(ChatTemplate::read(folder.path() / "absent.jinja"), Error);
}

TEST(ChatTemplate, comesWithTheTokenizer) {
  TokenizerData data;
  data.tokens = {{"a", TokenKind::normal, false}};
  EXPECT_THROW(ChatTemplate::of(Tokenizer(data, "test")), Error);
  data.chat_template = "plain";
  data.tool_use_template = "tools";
  const ChatTemplate chat_template = ChatTemplate::of(Tokenizer(data, "test"));
  ChatRequest request = greeting();
  EXPECT_EQ(chat_template.render(request), "plain");
  request.tools = nlohmann::ordered_json::array({1});
  EXPECT_EQ(chat_template.render(request), "tools");
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
