#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/files.h"
#include "formats/npy.h"
#include "models/tiny_model.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

using nlohmann::json;

class ScoreCommand : public testing::Test {
 protected:
  void SetUp() override { write_tiny_llama(folder_ / "model", 50); }
  ProgramResult score(const std::string& options, const std::string& input = {}) const {
    return run_program("score -m '" + (folder_ / "model").string() + "' " + options, input);
  }
  TemporaryFolder folder_;
};

TEST_F(ScoreCommand, prints_a_line_a_list_the_same_whatever_batch_chunk_and_threads) {
  write_file(folder_ / "lists", "[1,2,3,4,5]\n[7]\n\n[9,8,9]\n");
  const std::string lists = "--json --ids-file '" + (folder_ / "lists").string() + "' ";
  const ProgramResult plain = score(lists + "--top 2");
  ASSERT_EQ(plain.status, 0) << plain.errors;
  std::istringstream lines(plain.output);
  std::vector<json> results;
  for (std::string line; std::getline(lines, line);) results.push_back(json::parse(line));
  ASSERT_EQ(results.size(), 3U);
  ASSERT_EQ(results[0]["tokens"].size(), 4U);
  EXPECT_EQ(results[0]["tokens"][0]["id"], 2);
  EXPECT_EQ(results[0]["tokens"][0]["top"].size(), 2U);
  EXPECT_TRUE(results[1]["tokens"].empty());
  double sum = 0;
  for (const auto& token : results[0]["tokens"]) sum += token["logprob"].get<double>();
  EXPECT_NEAR(results[0]["sum"].get<double>(), sum, 1e-9);
  EXPECT_NEAR(results[0]["perplexity"].get<double>(), std::exp(-sum / 4), 1e-9);
  for (const char* other : {"--top 2 --batch 3", "--top 2 --chunk 2", "--top 2 --threads 1"}) {
    EXPECT_EQ(score(lists + other).output, plain.output) << other;
  }
}

TEST_F(ScoreCommand, through_the_trainers_forward_prints_the_same_bits) {
  write_file(folder_ / "lists", "[1,2,3,4,5]\n[7]\n[9,8,9,30,31,32,33,34]\n");
  const std::string lists = "--json --top 2 --ids-file '" + (folder_ / "lists").string() + "' ";
  for (const char* type : {"f32", "bf16", "q8_0", "q4_0"}) {
    const std::string file = (folder_ / (std::string(type) + ".gguf")).string();
    ASSERT_EQ(run_program("convert -m '" + (folder_ / "model").string() + "' -o '" + file +
                          "' --dtype " + type)
                  .status,
              0);
    for (const char* other : {"", "--dtype f32"}) {
      const std::string command = "score -m '" + file + "' " + lists + other;
      const ProgramResult plain = run_program(command);
      ASSERT_EQ(plain.status, 0) << plain.errors;
      for (const char* way : {" --train-forward", " --train-forward --batch 3 --threads 1"}) {
        EXPECT_EQ(run_program(command + way).output, plain.output) << type << other << way;
      }
    }
  }
}

TEST_F(ScoreCommand, writes_logits_of_every_position) {
  const ProgramResult result = score("--ids 1,2,3 --logits '" + (folder_ / "out").string() + "'");
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(read_npy(folder_ / "out" / "0.npy").shape, (std::vector<std::int64_t>{3, 50}));
}

TEST_F(ScoreCommand, logits_of_lists_computed_together_go_into_their_own_files) {
  write_file(folder_ / "lists", "[1,2,3,4,5]\n[7]\n[9,8,9]\n");
  const auto written = [&](const std::string& name, const std::string& options) {
    const ProgramResult result = score("--ids-file '" + (folder_ / "lists").string() +
                                       "' --logits '" + (folder_ / name).string() + "' " + options);
    EXPECT_EQ(result.status, 0) << result.errors;
    return folder_ / name;
  };
  const auto alone = written("alone", ""), together = written("together", "--batch 3 --chunk 2");
  for (const auto& [file, positions] : {std::pair("0.npy", 5), {"1.npy", 1}, {"2.npy", 3}}) {
    EXPECT_EQ(read_npy(alone / file).shape, (std::vector<std::int64_t>{positions, 50}));
    EXPECT_EQ(read_file(alone / file), read_file(together / file));
  }
}

TEST_F(ScoreCommand, an_error_leaves_no_logits_behind) {
  const ProgramResult result =
      score("--ids 1,2 --mtp --logits '" + (folder_ / "out").string() + "'");
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "out"));
}

TEST_F(ScoreCommand, bad_input_is_one_sentence_and_status_1) {
  for (const char* options : {"--ids 1,50", "--ids 1,x", "--ids 1,2 --mtp", "--ids-file /nowhere",
                              "--ids 1 --lora /tmp", ""}) {
    const ProgramResult result = score(options);
    EXPECT_EQ(result.status, 1) << options;
    EXPECT_EQ(result.output, "") << options;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

}  // namespace
}  // namespace r1
