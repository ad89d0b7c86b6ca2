// The model that comes with the program, as a newcomer meets it.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "run_program.h"

namespace r1 {
namespace {

using nlohmann::json;

const std::string kRecord = R1_SOURCE_DIR "/models/r1-tiny.json";

std::string ask(const std::string& question) {
  const ProgramResult result =
      run_program("run --temperature 0 --max-tokens 1500 '" + question + "'");
  EXPECT_EQ(result.status, 0) << result.errors;
  return result.output;
}

TEST(ShippedModel, answers_where_none_is_named_thinking_first) {
  const std::string answer = ask("What is 35 * 47?");
  EXPECT_NE(answer.find("</think>"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\\boxed{1645}"), std::string::npos) << answer;
}

TEST(ShippedModel, declines_in_a_sentence_what_it_cannot_do) {
  for (const char* question : {"Who wrote Hamlet?", "Hello, how are you?"}) {
    const std::string answer = ask(question);
    EXPECT_EQ(answer.find("\\boxed"), std::string::npos) << answer;
    EXPECT_LT(answer.size(), 600u) << answer;
  }
}

TEST(ShippedModel, takes_a_follow_up_with_changed_numbers) {
  const ProgramResult result =
      run_program("chat --temperature 0", "What is 35 * 47?\nAnd 84 * 35?\n");
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("\\boxed{1645}"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\\boxed{2940}"), std::string::npos) << result.output;
}

TEST(ShippedModel, is_told_when_train_is_to_reproduce_what_does_not_come_with_the_program) {
  const ProgramResult result = run_program("train --reproduce nobody");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("nobody"), std::string::npos) << result.errors;
}

TEST(ShippedModel, takes_at_most_25_megabytes) {
  EXPECT_LT(std::filesystem::file_size(R1_SOURCE_DIR "/models/r1-tiny.gguf"), 25'000'000u);
}

// Instruction sets add in different orders, so that few answers may differ from the recorded ones.
TEST(ShippedModel, scores_on_the_tasks_what_its_record_says) {
  const json record = json::parse(read_file(kRecord)).at("short");
  const TemporaryFolder folder;
  const ProgramResult result = run_program(
      "eval --tasks all --split test --count 10 --seed 0 --max-tokens 2048 --json "
      "--out '" +
      (folder / "eval").string() + "'");
  ASSERT_EQ(result.status, 0) << result.errors;
  const json now = json::parse(result.output);
  EXPECT_NEAR(now.at("mean").get<double>(), record.at("mean").get<double>(), 0.02);
  for (const auto& [task, figures] : record.at("tasks").items()) {
    const double was = figures.at("pass@1"), is = now.at("tasks").at(task).at("pass@1");
    EXPECT_NEAR(is, was, 0.21) << task;
  }
}

}  // namespace
}  // namespace r1
