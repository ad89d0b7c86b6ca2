// The judge against pairs with known verdicts; read from the folder R1_SHARED.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tasks/grading/grade.h"

namespace r1 {
namespace {

std::vector<nlohmann::json> rows_of(const std::string& name) {
  std::vector<nlohmann::json> rows;
  std::ifstream file(std::filesystem::path(R1_SHARED) / name);
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

std::string prediction_of(const nlohmann::json& row) {
  std::string text = row["pred"];
  for (const auto& part : row.value("pred_parts", nlohmann::json::array())) {
    for (int i = 0; i < part[1].get<int>(); ++i) text += part[0].get<std::string>();
  }
  return text;
}

struct Agreement {
  std::size_t rows = 0, agreeing = 0, wrongly_equal = 0;
  double worst_seconds = 0;
  std::string disagreements;
};

Agreement judge(const std::vector<nlohmann::json>& rows) {
  Agreement result;
  for (const nlohmann::json& row : rows) {
    const std::string gold = row["gold"], prediction = prediction_of(row);
    const bool expected = row["equal"];
    const std::clock_t start = std::clock();  // of the processor: other programs don't count
    const bool equal = grade_answer(gold, prediction).equal;
    const double time = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    result.worst_seconds = std::max(result.worst_seconds, time);
    ++result.rows;
    result.agreeing += equal == expected ? 1 : 0;
    result.wrongly_equal += equal && !expected ? 1 : 0;
    if (equal != expected) result.disagreements += " " + row["id"].get<std::string>();
  }
  std::printf("%zu of %zu rows agree, %zu wrongly equal, the slowest took %.3f s; others:%s\n",
              result.agreeing, result.rows, result.wrongly_equal, result.worst_seconds,
              result.disagreements.c_str());
  return result;
}

template <typename Keep>
std::vector<nlohmann::json> kept(std::vector<nlohmann::json> rows, const Keep& keep) {
  std::erase_if(rows, [&](const nlohmann::json& row) { return !keep(row); });
  return rows;
}

TEST(GoldenGrading, agrees_with_every_adversarial_pair_whose_verdict_is_certain) {
  const auto rows = rows_of("goldens/grading/adversarial.jsonl");
  if (rows.empty()) GTEST_SKIP() << "R1_SHARED has no goldens/grading/adversarial.jsonl";
  const auto certain = judge(kept(rows, [](const auto& row) { return !row.contains("policy"); }));
  EXPECT_EQ(certain.agreeing, certain.rows);
  EXPECT_LT(certain.worst_seconds, 1.0);
  const auto policy = judge(kept(rows, [](const auto& row) { return row.contains("policy"); }));
  EXPECT_EQ(policy.wrongly_equal, 0u);
}

TEST(GoldenGrading, agrees_with_the_graded_pairs_of_other_projects) {
  const auto rows = rows_of("datasets/math_grading_triples.jsonl");
  if (rows.empty()) GTEST_SKIP() << "R1_SHARED has no datasets/math_grading_triples.jsonl";
  const auto core = judge(kept(rows, [](const auto& row) { return row["core"] == true; }));
  EXPECT_GE(static_cast<double>(core.agreeing), 0.985 * static_cast<double>(core.rows));
  EXPECT_EQ(core.wrongly_equal, 0u);
  EXPECT_LT(core.worst_seconds, 1.0);
}

}  // namespace
}  // namespace r1
