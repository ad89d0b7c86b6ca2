#include "tasks/rewards.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "tasks/reward_command.h"
#include "temporary_folder.h"

namespace r1::tasks {
namespace {

TEST(FormatReward, wants_each_tag_once_and_in_order) {
  const auto tags = [](const char* text) { return format_reward(ResponseForm::tags, text); };
  EXPECT_EQ(tags("<think>a</think> <answer>b</answer>"), 1);
  EXPECT_EQ(tags("a </think>\n<answer> b </answer>\n"), 1) << "the prompt has opened the thinking";
  for (const char* wrong :
       {"", "b", "<answer>b</answer>", "<think>a</think> b", "<think></think><answer>b</answer>",
        "<think>a</think><answer> </answer>", "<think>a</think> so <answer>b</answer>",
        "<think>a</think><answer>b</answer> done", "<answer>b</answer><think>a</think>",
        "<think>a<think>a</think><answer>b</answer>", "<think>a</think></think><answer>b</answer>",
        "<think>a <answer>b</answer></think><answer>b</answer>",
        "<think>a</think><answer>b</answer><answer>c</answer>",
        "x <think>a</think><answer>b</answer>"}) {
    EXPECT_EQ(tags(wrong), 0) << wrong;
  }
}

TEST(FormatReward, wants_a_box_after_the_thinking) {
  const auto chat = [](const char* text) { return format_reward(ResponseForm::chat, text); };
  EXPECT_EQ(chat("<think>\na\n</think>\n\nIt is \\boxed{5}."), 1);
  EXPECT_EQ(chat("a\n</think>\n\n\\boxed{\\frac{1}{2}}"), 1);
  for (const char* wrong : {"\\boxed{5}", "<think>a \\boxed{5}", "<think>\\boxed{5}</think> 5",
                            "a</think>", "a</think>\\boxed{5", "a</think>\\boxed{ }",
                            "</think>\\boxed{5}", "a</think>\\boxed{5}</think>"}) {
    EXPECT_EQ(chat(wrong), 0) << wrong;
  }
}

TEST(LanguageReward, is_the_share_of_words_in_the_script) {
  EXPECT_DOUBLE_EQ(language_reward("en", "two plus two"), 1);
  EXPECT_DOUBLE_EQ(language_reward("en", "two 加 two 等"), 0.5);
  EXPECT_DOUBLE_EQ(language_reward("zh", "two 加 two 等"), 0.5);
  EXPECT_DOUBLE_EQ(language_reward("de", "größer als fünf"), 1);
  EXPECT_DOUBLE_EQ(language_reward("ru", "два плюс two"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(language_reward("en", "17 + 4 = 21"), 1) << "no words";
  EXPECT_DOUBLE_EQ(language_reward("zh", "所以 \\frac{1}{2}"), 1) << "commands are no words";
  EXPECT_DOUBLE_EQ(language_reward("zh", "<think>加</think><answer>5</answer>"), 1);
  EXPECT_DOUBLE_EQ(language_reward("en", "a \xff\xfe b"), 1) << "damaged bytes are no words";
  EXPECT_THROW(language_reward("xx", "a"), Error);
}

TEST(LengthReward, falls_as_its_rule_says) {
  const LengthRule overlong{LengthRule::Kind::overlong, 100, 20};
  EXPECT_DOUBLE_EQ(length_reward(overlong, 0), 0);
  EXPECT_DOUBLE_EQ(length_reward(overlong, 80), 0);
  EXPECT_DOUBLE_EQ(length_reward(overlong, 90), -0.5);
  EXPECT_DOUBLE_EQ(length_reward(overlong, 500), -1);
  const LengthRule linear{LengthRule::Kind::linear, 100, 0};
  EXPECT_DOUBLE_EQ(length_reward(linear, 0), 1);
  EXPECT_DOUBLE_EQ(length_reward(linear, 25), 0.75);
  EXPECT_DOUBLE_EQ(length_reward(linear, 200), 0);
}

/// A script that is run by the shell; `body` comes after "while read -r line".
std::string script(const TemporaryFolder& folder, const std::string& text) {
  write_file(folder / "reward.sh", text);
  return "sh '" + (folder / "reward.sh").string() + "'";
}

Instance some_instance() {
  return {"What is 1 + 1?", "2", "", "1+1", "", "", "", 3};
}

TEST(Reward, is_the_weighted_sum_of_its_parts) {
  const TemporaryFolder folder;
  RewardSettings settings;
  settings.format = 0.5;
  settings.language = 0.25;
  settings.length = 2;
  settings.length_rule = {LengthRule::Kind::linear, 100, 0};
  settings.command = 3;
  settings.command_line = script(folder, "while read -r line; do echo '{\"reward\": 0.5}'; done");
  Reward reward(settings);
  const Task task = find_task("arithmetic-chains");
  const Instance instance = some_instance();
  const RewardParts right = reward(task, {instance, "<think>a</think>\\boxed{2}", 50});
  EXPECT_TRUE(right.correct);
  EXPECT_DOUBLE_EQ(right.total, 1 + 0.5 + 0.25 + 2 * 0.5 + 3 * 0.5);
  const RewardParts wrong = reward(task, {instance, "<think>a</think>\\boxed{3}", 100});
  EXPECT_FALSE(wrong.correct);
  EXPECT_DOUBLE_EQ(wrong.total, 0.5 + 0.25 + 0 + 1.5);
}

TEST(Reward, refuses_settings_that_make_no_sense) {
  RewardSettings settings;
  settings.command = 1;
  EXPECT_THROW(Reward{settings}, Error);
  settings.command_line = "true";
  settings.command_time_limit = 0;
  EXPECT_THROW(Reward{settings}, Error);
  settings = {};
  settings.language_name = "klingon";
  EXPECT_THROW(Reward{settings}, Error);
  settings = {};
  settings.length_rule.margin = 5000;
  EXPECT_THROW(Reward{settings}, Error);
}

double ask(RewardCommand& command, const std::string& response) {
  return command.reward(find_task("arithmetic-chains"), some_instance(), response);
}

TEST(RewardCommand, gets_the_whole_question_and_answers_a_number) {
  const TemporaryFolder folder;
  RewardCommand command(
      script(folder, "while read -r line; do printf '%s\\n' \"$line\" >> '" +
                         (folder / "seen").string() + "'; echo '{\"reward\": -1.5}'; done"),
      std::chrono::seconds(10));
  EXPECT_DOUBLE_EQ(ask(command, "a \"b\"\n\xff"), -1.5);
  EXPECT_DOUBLE_EQ(ask(command, "second"), -1.5);
  const std::string seen = read_file(folder / "seen");
  EXPECT_NE(
      seen.find("\"question\":\"What is 1 + 1?\",\"answer\":\"2\",\"response\":\"a \\\"b\\\"\\n"),
      std::string::npos)
      << seen;
  EXPECT_NE(seen.find("second"), std::string::npos);
}

TEST(RewardCommand, is_started_again_when_it_dies) {
  const TemporaryFolder folder;
  RewardCommand command(script(folder, "read -r line; echo '{\"reward\": 2}'"),
                        std::chrono::seconds(10));
  for (int i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(ask(command, "again"), 2);
}

TEST(RewardCommand, carries_responses_larger_than_a_pipe) {
  const TemporaryFolder folder;
  RewardCommand command(
      script(folder, "while read -r line; do echo \"{\\\"reward\\\": ${#line}}\"; done"),
      std::chrono::seconds(20));
  EXPECT_GT(ask(command, std::string(300000, 'x')), 300000);
}

TEST(RewardCommand, says_in_a_sentence_what_is_wrong) {
  const TemporaryFolder folder;
  const auto fault = [&](const std::string& text) -> std::string {
    RewardCommand command(script(folder, text), std::chrono::milliseconds(300));
    try {
      ask(command, "x");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(fault("exit 3").find("it ended without an answer"), std::string::npos);
  EXPECT_NE(fault("while read -r line; do echo hello; done").find("JSON"), std::string::npos);
  EXPECT_NE(
      fault("while read -r line; do echo '{\"score\": 1}'; done").find("no number \"reward\""),
      std::string::npos);
  EXPECT_NE(fault("while read -r line; do echo '{\"reward\": 1e999}'; done"), "");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_NE(fault("sleep 30").find("no answer within 0.3"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace r1::tasks
