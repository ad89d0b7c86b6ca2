// r1 plan as scripts use it.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "run_program.h"

namespace r1 {
namespace {

nlohmann::json plan(const std::string& arguments) {
  const ProgramResult result = run_program("plan " + arguments + " --json");
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.errors, "");
  return nlohmann::json::parse(result.output);
}

TEST(PlanCommand, prints_what_scripts_rely_on) {
  const nlohmann::json v3 = plan("--model deepseek-v3 --cluster h800-2048 --tokens 14.8e12");
  EXPECT_EQ(v3.at("parameters"), 671'026'419'200);
  EXPECT_EQ(v3.at("active_parameters"), 37'552'297'472);
  EXPECT_NEAR(v3.at("gpu_hours_per_trillion_tokens").get<double>() / 180e3, 1, 0.1);
  EXPECT_NEAR(v3.at("cost_usd").get<double>() / 5.576e6, 1, 0.1);
  EXPECT_GT(v3.at("gpu_hours").get<double>(), 14.8 * 0.9 * 180e3);
  EXPECT_GT(v3.at("bubble_share").get<double>(), 0);
  EXPECT_FALSE(v3.at("assumptions").at("network_share").at("source").get<std::string>().empty());
}

TEST(PlanCommand, knows_the_shapes_of_bench) {
  EXPECT_EQ(plan("--model llama-8b --cluster h100-8").at("parameters"), 8'030'261'248);
  EXPECT_EQ(plan("--model v2-lite --cluster a100-16").at("parameters"), 15'706'484'224);
}

TEST(PlanCommand, reads_a_file_and_draws_its_timeline) {
  const TemporaryFolder folder;
  write_file(folder / "cluster.toml",
             "[model]\nname = \"qwen2-7b\"\n[cluster]\ndevice = \"h100\"\ndevices = 16\n"
             "[run]\ntokens = 1e12\n[layout]\npipeline = 4\nschedule = \"zb1p\"\n");
  const std::string svg = (folder / "out.svg").string();
  const nlohmann::json result = plan((folder / "cluster.toml").string() + " --timeline " + svg);
  EXPECT_EQ(result.at("layout").at("schedule"), "zb1p");
  EXPECT_EQ(result.at("layout").at("data"), 4);
  EXPECT_NE(read_file(svg).find("</svg>"), std::string::npos);
}

TEST(PlanCommand, simulates_a_schedule_by_itself) {
  const nlohmann::json result =
      plan("--times 1,2,1,3 --schedule dualpipe --pipeline 8 --micro-batches 20");
  EXPECT_EQ(result.at("bubble_s"), 6);
  EXPECT_EQ(result.at("bubble_formula_s"), 6);
  EXPECT_EQ(result.at("span_s"), 66);
}

TEST(PlanCommand, says_in_one_sentence_what_is_wrong) {
  for (const char* arguments :
       {"--model deepseek-v3", "--model nothing --cluster h800-8",
        "--model deepseek-v3 --cluster h800-0", "missing.toml",
        "--model deepseek-v3 --cluster h800-64 --tokens 1e30",
        "--times 1,2,3 --schedule zb1p --pipeline 4", "--times 1 --schedule dualpipe --pipeline 3",
        "--model deepseek-v3 --cluster h800-64 --assume luck=1"}) {
    const ProgramResult result = run_program(std::string("plan ") + arguments);
    EXPECT_EQ(result.status, 1) << arguments;
    EXPECT_EQ(result.output, "") << arguments;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

}  // namespace
}  // namespace r1
