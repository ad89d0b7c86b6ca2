// r1 info, convert, quantize and list as a user runs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "formats/npy.h"
#include "run_program.h"

namespace r1 {
namespace {

const std::filesystem::path kGoldens = std::filesystem::path(R1_SHARED) / "goldens";

#define NEEDS_GOLDENS()                          \
  if (!std::filesystem::exists(kGoldens))        \
  GTEST_SKIP() << "needs the folder of goldens " \
                  "(R1_SHARED)"

std::string quoted(const std::filesystem::path& path) {
  return "'" + path.string() + "'";
}

TEST(InfoCommand, prints_metadata_and_tensors_as_one_document) {
  NEEDS_GOLDENS();
  for (const char* model :
       {"gguf/llama-q8_0.gguf", "models/deepseek_v3-fp8", "models/llama/model.safetensors"}) {
    const ProgramResult result = run_program("info -m " + quoted(kGoldens / model) + " --json");
    ASSERT_EQ(result.status, 0) << result.errors;
    const auto document = nlohmann::json::parse(result.output);
    EXPECT_TRUE(document.at("metadata").is_object());
    EXPECT_GT(document.at("tensors").size(), 20u);
    for (const char* key : {"name", "shape", "dtype"}) {
      EXPECT_TRUE(document["tensors"][0].contains(key)) << key;
    }
  }
}

TEST(InfoCommand, writes_a_tensor_as_float32) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const ProgramResult result =
      run_program("info -m " + quoted(kGoldens / "gguf/llama-q8_0.gguf") +
                  " --tensor blk.0.attn_v.weight --npy " + quoted(folder / "x.npy"));
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(read_npy(folder / "x.npy").shape, (std::vector<std::int64_t>{32, 64}));
}

TEST(InfoCommand, says_in_a_sentence_what_running_the_model_takes) {
  NEEDS_GOLDENS();
  const ProgramResult result = run_program("info -m " + quoted(kGoldens / "models/deepseek_v3"));
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("running it with a context of 256 tokens"), std::string::npos);
}

TEST(InfoCommand, refuses_what_is_no_model_with_one_sentence_and_status_1) {
  const TemporaryFolder folder;
  std::ofstream(folder / "x.gguf") << "GGUF\3";
  for (const std::string& arguments :
       {"info -m " + quoted(folder / "x.gguf"), "info -m " + quoted(folder / "absent"),
        "info -m " + quoted(folder.path())}) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 1) << arguments;
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_EQ(run_program("info").status, 2);
  EXPECT_EQ(run_program("info -m x --npy y").status, 2);
}

TEST(ConvertCommand, goes_to_gguf_to_other_types_and_back) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const auto run = [](const std::string& arguments) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << arguments << result.errors;
    return result;
  };
  run("convert -m " + quoted(kGoldens / "models/deepseek_v3-mtp") + " -o " +
      quoted(folder / "m.gguf") + " --dtype bf16");
  const ProgramResult quantized = run("quantize -m " + quoted(folder / "m.gguf") + " -o " +
                                      quoted(folder / "q.gguf") + " --dtype q4_k_m --json");
  EXPECT_NE(quantized.errors.find("q5_0 instead"), std::string::npos) << quantized.errors;
  EXPECT_GT(nlohmann::json::parse(quantized.output).at("bytes"), 1000);
  run("convert -m " + quoted(folder / "q.gguf") + " -o " + quoted(folder / "back/"));
  run("info -m " + quoted(folder / "back"));
}

TEST(ConvertCommand, wrong_usage_is_status_2_and_wrong_input_status_1) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program("convert -o x.gguf").status, 2);
  EXPECT_EQ(run_program("convert -m a --random moe-small -o x.gguf").status, 2);
  EXPECT_EQ(run_program("quantize -m a -o x.gguf").status, 2);
  EXPECT_EQ(run_program("convert -m " + quoted(folder / "absent") + " -o x.gguf").status, 1);
  EXPECT_EQ(run_program("convert --random no-such-shape -o x.gguf").status, 1);
  EXPECT_EQ(run_program("quantize -m a -o folder --dtype q8_0").status, 1);
}

TEST(ListCommand, lists_the_models_of_a_folder) {
  NEEDS_GOLDENS();
  const TemporaryFolder folder;
  const ProgramResult result =
      run_program("list --json", {},
                  "R1_MODELS=" + quoted(kGoldens / "gguf") + " HF_HOME=" + quoted(folder.path()));
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto models = nlohmann::json::parse(result.output);
  const auto found = std::find_if(models.begin(), models.end(), [](const auto& model) {
    return model.at("name") == "llama-q8_0.gguf";
  });
  ASSERT_NE(found, models.end());
  EXPECT_EQ(found->at("format"), "GGUF");
  EXPECT_EQ(found->at("type"), "q8_0");
}

}  // namespace
}  // namespace r1
