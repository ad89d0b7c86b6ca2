#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "models/tiny_model.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

using nlohmann::json;

class RunCommand : public testing::Test {
 protected:
  void SetUp() override { write_tiny_llama(folder_ / "model", 50); }
  ProgramResult run(const std::string& options) const {
    return run_program("run -m '" + (folder_ / "model").string() + "' " + options);
  }
  std::vector<json> answers(const std::string& options) const {
    const ProgramResult result = run("--json --ids 1,2,3 " + options);
    EXPECT_EQ(result.status, 0) << result.errors;
    std::istringstream lines(result.output);
    std::vector<json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
    return all;
  }
  TemporaryFolder folder_;
};

TEST_F(RunCommand, prints_an_answer_with_a_probability_a_token) {
  const auto all = answers("--temperature 0 --max-tokens 9");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["ids"].size(), 9U);
  EXPECT_EQ(all[0]["logprobs"].size(), 9U);
  EXPECT_EQ(all[0]["finish_reason"], "length");
  EXPECT_EQ(all[0]["timings"]["prompt_tokens"], 3);
}

TEST_F(RunCommand, the_seed_decides_and_samples_differ) {
  const auto ids = [&](const std::string& options) {
    std::vector<json> lists;
    for (const json& answer : answers(options + " --max-tokens 12 --temperature 1 --n 3")) {
      lists.push_back(answer["ids"]);
    }
    return lists;
  };
  const auto first = ids("--seed 1");
  ASSERT_EQ(first.size(), 3U);
  EXPECT_NE(first[0], first[1]);
  EXPECT_EQ(first, ids("--seed 1 --threads 1"));
  EXPECT_EQ(first, ids("--seed 1 --speculate lookup"));
  EXPECT_NE(first, ids("--seed 2"));
}

TEST_F(RunCommand, bad_input_is_one_sentence_and_status_1) {
  for (const char* options : {"--ids 1,50", "--ids ,", "--ids 1 --temperature -1",
                              "--ids 1 --speculate mtp", "--ids 1,2,3 --context 2", "text"}) {
    const ProgramResult result = run(options);
    EXPECT_EQ(result.status, 1) << options;
    EXPECT_EQ(result.output, "") << options;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_EQ(run("--ids 1 --max-tokens 0").status, 2);
}

}  // namespace
}  // namespace r1
