#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

class Chat : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(model_)) {
      GTEST_SKIP() << "the folder with the models (R1_SHARED) is absent";
    }
    // A template that opens the thinking, which the model itself does not know.
    write_file(folder_ / "think.jinja",
               "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
               "{% endfor %}<|im_start|>assistant\n<think>\n");
  }

  /// The answers to lines typed, one JSON document each.
  std::vector<nlohmann::json> answers(const std::string& lines, const std::string& options = "") {
    const ProgramResult result = run_program(
        "chat --json --temperature 0 --max-tokens 12 -m '" + model_ + "' " + options, lines);
    EXPECT_EQ(result.status, 0) << result.errors;
    std::vector<nlohmann::json> documents;
    std::istringstream output(result.output);
    for (std::string line; std::getline(output, line);) {
      documents.push_back(nlohmann::json::parse(line));
    }
    return documents;
  }
  std::string think() const {
    return "--thinking-budget 4 --chat-template '" + (folder_ / "think.jinja").string() + "'";
  }

  const std::string model_ = std::string(R1_SHARED) + "/models/SmolLM2-135M-Instruct.Q4_1.gguf";
  const TemporaryFolder folder_;
};

std::int64_t prompt_tokens(const nlohmann::json& answer) {
  return answer.at("timings").at("prompt_tokens").get<std::int64_t>();
}

TEST_F(Chat, RemembersTheConversationUntilItIsReset) {
  const auto given = answers("Hi\nHi\n/reset\nHi\n");
  ASSERT_EQ(given.size(), 3u);
  EXPECT_FALSE(given[0].at("content").get<std::string>().empty());
  EXPECT_GT(prompt_tokens(given[1]), prompt_tokens(given[0]) + 10);
  EXPECT_EQ(prompt_tokens(given[2]), prompt_tokens(given[0]));
  EXPECT_EQ(given[2].at("content"), given[0].at("content"));
}

TEST_F(Chat, TellsThinkingFromTheAnswer) {
  const auto given = answers("Hi\n", think());
  ASSERT_EQ(given.size(), 1u);
  EXPECT_FALSE(given[0].at("reasoning_content").get<std::string>().empty());
  EXPECT_FALSE(given[0].at("content").get<std::string>().empty());
  EXPECT_EQ(given[0].dump().find("think>"), std::string::npos);
}

TEST_F(Chat, AnswersWithoutThinkingWhereThatIsAskedFor) {
  for (const auto& given :
       {answers("/think off\nHi\n", think()), answers("Hi\n", think() + " --no-think")}) {
    ASSERT_EQ(given.size(), 1u);
    EXPECT_EQ(given[0].at("reasoning_content"), "");
    EXPECT_FALSE(given[0].at("content").get<std::string>().empty());
  }
}

TEST_F(Chat, TakesASystemMessage) {
  const auto given = answers("Hi\n/system Answer like a pirate would.\nHi\n/system\nHi\n",
                             "--chat-template '" + (folder_ / "think.jinja").string() + "'");
  ASSERT_EQ(given.size(), 3u);
  EXPECT_GT(prompt_tokens(given[1]), prompt_tokens(given[0]));
  EXPECT_EQ(prompt_tokens(given[2]), prompt_tokens(given[0]));
}

TEST_F(Chat, RefusesUnknownCommands) {
  const ProgramResult result = run_program("chat --json -m '" + model_ + "'", "/dance\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("/dance"), std::string::npos);
}

}  // namespace
}  // namespace r1
