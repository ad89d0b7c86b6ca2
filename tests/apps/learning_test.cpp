#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(R1_SHARED) / "goldens" / "models";

bool have_goldens() {
  return !std::string(R1_SHARED).empty() && fs::exists(kModels);
}

std::vector<float> floats_of(const StoredTensor& tensor) {
  std::vector<float> numbers(tensor.bytes.size() / 4);
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

TEST(DebugGradients, writes_those_of_transformers_under_their_names) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  for (const std::string name : {"qwen2", "deepseek_v3-mtp"}) {
    const TemporaryFolder folder;
    const auto train = read_json(kModels / name / "golden.json").at("train");
    std::string lists;
    for (const auto& ids : train.at("ids")) lists += ids.dump() + "\n";
    write_file(folder / "ids.jsonl", lists);
    std::string command = "debug gradients --json --dtype f32 -m " + (kModels / name).string() +
                          " --ids-file " + (folder / "ids.jsonl").string() + " -o " +
                          (folder / "out.safetensors").string();
    if (name.ends_with("mtp")) command += " --mtp-weight 0.3";
    const ProgramResult result = run_program(command);
    ASSERT_EQ(result.status, 0) << result.errors;
    EXPECT_NEAR(nlohmann::json::parse(result.output).at("loss").get<double>(),
                train.at("loss").get<double>(), 1e-5);
    const Safetensors got = Safetensors::open(folder / "out.safetensors");
    const Safetensors want = Safetensors::open(kModels / name / "grads.safetensors");
    EXPECT_EQ(got.tensors().size(), want.tensors().size());
    for (const auto& [tensor, stored] : want.tensors()) {
      ASSERT_NE(got.find(tensor), nullptr) << tensor;
      ASSERT_EQ(got.find(tensor)->shape, stored.shape) << tensor;
      const auto mine = floats_of(*got.find(tensor)), theirs = floats_of(stored);
      float largest = 1e-30f, difference = 0;
      for (std::size_t i = 0; i < theirs.size(); ++i) {
        largest = std::max(largest, std::fabs(theirs[i]));
        difference = std::max(difference, std::fabs(mine[i] - theirs[i]));
      }
      EXPECT_LE(difference / largest, 1e-4f) << tensor;
    }
  }
}

TEST(Train, fixed_batches_have_the_losses_of_pytorch) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const TemporaryFolder folder;
  const auto golden = read_json(kModels / "llama-tied" / "adamw.json").at("steps");
  std::string batches;
  for (const auto& step : golden) {
    batches += nlohmann::json{{"batch", step.at("ids")}}.dump() + "\n";
  }
  write_file(folder / "batches.jsonl", batches);
  const ProgramResult result =
      run_program("train --fixed-batches " + (folder / "batches.jsonl").string() + " -m " +
                  (kModels / "llama-tied").string() +
                  " --lr 1e-3 --betas 0.9,0.95 --eps 1e-8 --weight-decay 0.1 --clip 1.0 --dtype f32"
                  " --json-metrics " +
                  (folder / "metrics.jsonl").string());
  ASSERT_EQ(result.status, 0) << result.errors;
  std::istringstream lines(read_file(folder / "metrics.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto step = nlohmann::json::parse(line);
    ASSERT_LT(count, golden.size());
    EXPECT_EQ(step.at("step"), count + 1);
    EXPECT_NEAR(step.at("loss").get<double>(), golden[count].at("loss").get<double>(), 1e-4);
    EXPECT_NEAR(step.at("grad_norm").get<double>() / golden[count].at("grad_norm").get<double>(),
                1.0, 1e-4);
  }
  EXPECT_EQ(count, golden.size());
}

TEST(Train, the_final_weights_are_those_of_the_steps_and_gguf_files_learn_like_their_folders) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const TemporaryFolder folder;
  const auto golden = read_json(kModels / "llama" / "adamw.json");
  std::string batches;
  for (const auto& step : golden.at("steps")) {
    batches += nlohmann::json{{"batch", step.at("ids")}}.dump() + "\n";
  }
  write_file(folder / "batches.jsonl", batches);
  const auto train = [&](const std::string& model, const std::string& name) {
    return run_program("train --fixed-batches " + (folder / "batches.jsonl").string() + " -m " +
                       model + " --lr 1e-3 --dtype f32 --save " + (folder / name).string());
  };
  const ProgramResult result = train((kModels / "llama").string(), "out");
  ASSERT_EQ(result.status, 0) << result.errors;
  const Safetensors saved = Safetensors::open(folder / "out");
  std::size_t count = 0;
  for (const auto& [name, parameter] : golden.at("parameters").items()) {
    ASSERT_NE(saved.find(name), nullptr) << name;
    double squares = 0;
    for (const float number : floats_of(*saved.find(name))) {
      squares += static_cast<double>(number) * static_cast<double>(number);
    }
    EXPECT_NEAR(std::sqrt(squares) / parameter.at("l2").get<double>(), 1, 1e-4) << name;
    ++count;
  }
  EXPECT_EQ(count, saved.tensors().size());
  EXPECT_EQ(train((kModels / "llama").string(), "out").status, 1);  // it is there already

  const fs::path gguf = fs::path(R1_SHARED) / "goldens" / "gguf" / "llama.gguf";
  ASSERT_EQ(train(gguf.string(), "from-gguf").status, 0);
  const Safetensors same = Safetensors::open(folder / "from-gguf");
  for (const auto& [name, stored] : saved.tensors()) {
    ASSERT_NE(same.find(name), nullptr) << name;
    EXPECT_EQ(floats_of(*same.find(name)), floats_of(stored)) << name;
  }
}

TEST(Train, what_is_no_batch_or_no_id_is_said_in_one_sentence) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const TemporaryFolder folder;
  const std::string file = (folder / "batches.jsonl").string();
  const auto error_of = [&](const std::string& text) {
    write_file(file, text);
    const ProgramResult result =
        run_program("train --fixed-batches " + file + " -m " + (kModels / "llama").string());
    EXPECT_EQ(result.status, 1) << text;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    return result.errors;
  };
  EXPECT_NE(error_of("[1]\n").find("batch"), std::string::npos);
  EXPECT_NE(error_of("{\"batch\": [[1, 100000]]}").find("vocabulary"), std::string::npos);
  EXPECT_NE(error_of("{\"batch\": [[1], []]}").find("no tokens"), std::string::npos);
  EXPECT_NE(error_of("{\"batch\": [[1]]}").find("too short"), std::string::npos);
}

}  // namespace
}  // namespace r1
