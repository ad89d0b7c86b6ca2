// r1 tasks as a user and a script call it.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "run_program.h"

namespace r1 {
namespace {

std::vector<nlohmann::json> lines_of(const std::string& output) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(TasksCommand, lists_the_kinds_with_the_length_of_their_chains) {
  const ProgramResult result = run_program("tasks --list --json");
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto list = nlohmann::json::parse(result.output);
  ASSERT_TRUE(list.is_array());
  EXPECT_TRUE(std::any_of(list.begin(), list.end(), [](const nlohmann::json& task) {
    return task["name"] == "countdown" && task["chain_tokens"]["mean"].get<double>() > 20;
  }));
  EXPECT_NE(run_program("tasks --list").output.find("countdown"), std::string::npos);
}

TEST(TasksCommand, prints_the_same_questions_for_the_same_seed) {
  const std::string command = "tasks countdown --count 3 --split test --json --seed ";
  const ProgramResult result = run_program(command + "5");
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.output, run_program(command + "5").output);
  EXPECT_NE(result.output, run_program(command + "6").output);
  const auto lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 3u);
  for (const auto& line : lines) {
    EXPECT_EQ(line.size(), 3u);
    EXPECT_TRUE(line["question"].is_string() && line["answer"].is_string());
    EXPECT_EQ(line["difficulty"], 3);
  }
  EXPECT_NE(run_program("tasks countdown --count 1").output.find("Answer: "), std::string::npos);
}

TEST(TasksCommand, judges_responses_line_by_line) {
  const ProgramResult questions = run_program("tasks sorting --count 20 --json");
  std::string input;
  for (auto line : lines_of(questions.output)) {
    const auto answer = line["answer"].get<std::string>();
    line["response"] = "<think>\nhm\n</think>\n\\boxed{" + answer + "}";
    input += line.dump() + "\n\n";
    line["response"] = "\\boxed{1, " + answer + "}";
    input += line.dump() + "\n";
  }
  const ProgramResult result = run_program("tasks sorting --verify --json", input);
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto verdicts = lines_of(result.output);
  ASSERT_EQ(verdicts.size(), 40u);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i]["correct"].get<bool>(), i % 2 == 0);
    EXPECT_EQ(verdicts[i]["reward"].get<double>(), i % 2 == 0 ? 1 : 0);
  }
}

TEST(TasksCommand, says_what_is_wrong) {
  EXPECT_EQ(run_program("tasks").status, 2);
  EXPECT_EQ(run_program("tasks --verify").status, 2);
  EXPECT_EQ(run_program("tasks countdown --difficulty 9").status, 2);
  const ProgramResult unknown = run_program("tasks nonsense");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.errors.find("there is no such task"), std::string::npos);
  const ProgramResult line =
      run_program("tasks countdown --verify --json", "{\"answer\":\"1+2\"}\n");
  EXPECT_EQ(line.status, 1);
  EXPECT_NE(line.errors.find("line 1 of the input"), std::string::npos) << line.errors;
  EXPECT_EQ(run_program("tasks gsm8k", "", "R1_DATA=").status, 1);
}

}  // namespace
}  // namespace r1
