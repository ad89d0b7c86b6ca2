#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "formats/json.h"
#include "run_program.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(R1_SHARED) / "goldens" / "grpo" / "cases.json";

/// All numbers of a JSON value within 1e-10 of the others, and of the same shape.
void expect_near(const nlohmann::json& got, const nlohmann::json& want, const std::string& where) {
  if (want.is_array()) {
    ASSERT_TRUE(got.is_array() && got.size() == want.size()) << where;
    for (std::size_t i = 0; i < want.size(); ++i) {
      expect_near(got[i], want[i], where + "[" + std::to_string(i) + "]");
    }
    return;
  }
  ASSERT_TRUE(got.is_number()) << where;
  EXPECT_NEAR(got.get<double>(), want.get<double>(), 1e-10) << where;
}

TEST(DebugGrpoLoss, every_case_of_trl_has_its_advantages_losses_gradients_and_figures) {
  if (std::string(R1_SHARED).empty() || !fs::exists(kCases)) {
    GTEST_SKIP() << "needs goldens/grpo in the folder of R1_SHARED";
  }
  auto cases = read_json(kCases).at("cases");
  std::string input;
  for (const auto& one : cases) {
    auto without = one;
    without.erase("out");
    input += without.dump() + "\n";
  }
  const ProgramResult result = run_program("debug grpo-loss", input);
  ASSERT_EQ(result.status, 0) << result.errors;
  std::istringstream lines(result.output);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_LT(count, cases.size());
    const auto got = nlohmann::json::parse(line);
    const auto& want = cases[count].at("out");
    const auto name = cases[count].at("name").get<std::string>();
    EXPECT_EQ(got.size(), want.size()) << name;
    for (const auto& [key, value] : want.items()) {
      ASSERT_TRUE(got.contains(key)) << name << " " << key;
      expect_near(got.at(key), value, name + " " + key);
    }
  }
  EXPECT_EQ(count, cases.size());
  EXPECT_GE(count, 40u);
}

nlohmann::json small_case() {
  return nlohmann::json::parse(R"({"settings": {"loss_type": "grpo", "beta": 0.5,
    "epsilon_low": 0.2, "epsilon_high": 0.2, "delta": null, "scale_rewards": "none",
    "importance_sampling_level": "token", "num_iterations": 1, "num_generations": 2,
    "max_completion_length": 2, "micro_batches": 1}, "rewards": [0, 1], "mask": [[1, 0], [1, 1]],
    "logp_new": [[-1, -1], [-1, -1]], "logp_old": null, "logp_ref": [[-1, -2], [-1, -1]]})");
}

TEST(DebugGrpoLoss, answers_a_line_for_a_case) {
  const ProgramResult result =
      run_program("debug grpo-loss", small_case().dump() + "\n\n" + small_case().dump());
  ASSERT_EQ(result.status, 0) << result.errors;
  std::istringstream lines(result.output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto got = nlohmann::json::parse(line);
    EXPECT_EQ(got.at("advantages"), nlohmann::json({-0.5, 0.5}));
    EXPECT_EQ(got.at("loss"), 0.0);
    EXPECT_EQ(got.at("grad"), nlohmann::json({{0.25, 0.0}, {-0.125, -0.125}}));
    EXPECT_EQ(got.at("num_items_in_batch"), 3);
  }
  EXPECT_EQ(count, 2);
}

TEST(DebugGrpoLoss, what_is_no_case_is_said_in_one_sentence) {
  const auto error_of = [](const std::string& line) {
    const ProgramResult result = run_program("debug grpo-loss", line);
    EXPECT_EQ(result.status, 1) << line;
    EXPECT_EQ(result.output, "") << line;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    return result.errors;
  };
  const auto changed = [&](const char* pointer, const nlohmann::json& value) {
    auto json = small_case();
    json[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(json.dump());
  };
  EXPECT_NE(error_of("{\"settings\": {").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("[1]").find("no case"), std::string::npos);
  EXPECT_NE(changed("/settings/loss_type", "sum").find("loss_type"), std::string::npos);
  EXPECT_NE(changed("/settings/num_generations", 0).find("too small"), std::string::npos);
  EXPECT_NE(changed("/settings/num_generations", 3).find("groups"), std::string::npos);
  EXPECT_NE(changed("/settings/micro_batches", 4).find("groups"), std::string::npos);
  EXPECT_NE(changed("/rewards", nlohmann::json::array()).find("rewards"), std::string::npos);
  EXPECT_NE(changed("/mask/1", {1}).find("shape"), std::string::npos);
  EXPECT_NE(changed("/logp_old", nlohmann::json::array()).find("logp_old"), std::string::npos);
  EXPECT_NE(changed("/logp_ref", nullptr).find("logp_ref"), std::string::npos);
  EXPECT_NE(changed("/logp_ref/0/0", 1e6).find("infinite"), std::string::npos);
}

}  // namespace
}  // namespace r1
