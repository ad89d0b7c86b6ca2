#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "formats/json.h"
#include "formats/npy.h"
#include "kernels/elementwise.h"
#include "kernels/isa.h"
#include "models/model.h"
#include "models/owned_cache.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";

bool have_goldens() {
  return !std::string(R1_SHARED).empty() && fs::exists(kGoldens / "models");
}

const LoadOptions kFloat = {.precision = Precision::f32, .cache_type = DType::f32, .pack = false};

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kGoldens / "models")) {
    if (fs::exists(entry.path() / "golden.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

Tensor logits_of(const Model& model, const std::vector<int>& ids) {
  OwnedCache cache(model.cache_shape(), static_cast<std::int64_t>(ids.size()));
  Pass pass;
  pass.add(ids, 0, cache);
  return model.logits(model.hidden(pass));
}

double largest_difference(const Tensor& tensor, const NpyArray& want) {
  EXPECT_EQ(tensor.elements(), static_cast<std::int64_t>(want.numbers.size()));
  double largest = 0;
  for (std::size_t i = 0; i < want.numbers.size(); ++i) {
    const double difference =
        std::fabs(static_cast<double>(tensor.data()[i]) - static_cast<double>(want.numbers[i]));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/// Logits, the sum of log-probabilities, and the greedy continuation of each prompt. The plain
/// kernels are too slow for more than the first prompt.
void check_prompts(const Model& model, const nlohmann::json& golden, const fs::path& logits_stem) {
  const std::size_t prompts = active_isa() == Isa::reference ? 1 : golden.at("prompts").size();
  for (std::size_t i = 0; i < prompts; ++i) {
    const auto& prompt = golden["prompts"][i];
    auto ids = prompt.at("ids").get<std::vector<int>>();
    const Tensor logits = logits_of(model, ids);
    const fs::path file = logits_stem.string() + std::to_string(i) + ".npy";
    EXPECT_LE(largest_difference(logits, read_npy(file)), 1e-4) << file;
    double sum = 0;
    for (std::size_t t = 1; t < ids.size(); ++t) {
      const float* row = logits.data() + static_cast<std::int64_t>(t - 1) * logits.width();
      sum += static_cast<double>(row[ids[t]]) - log_sum_exp(row, logits.width());
    }
    EXPECT_NEAR(sum, prompt.at("sum_logprob").get<double>(), 1e-3);
    if (active_isa() == Isa::reference) continue;
    std::vector<int> greedy;
    OwnedCache cache(model.cache_shape(), static_cast<std::int64_t>(ids.size()) + 64);
    std::vector<int> next = ids;
    std::int64_t position = 0;
    while (greedy.size() < prompt["greedy"].size()) {
      Pass pass;
      pass.add(next, position, cache);
      position += static_cast<std::int64_t>(next.size());
      const Tensor last = model.logits(model.hidden(pass));
      const float* row = last.data() + (last.rows() - 1) * last.width();
      greedy.push_back(static_cast<int>(std::max_element(row, row + last.width()) - row));
      next = {greedy.back()};
    }
    EXPECT_EQ(greedy, prompt["greedy"].get<std::vector<int>>());
  }
}

TEST(Goldens, float_logits_and_greedy_continuations_are_those_of_transformers) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  for (Isa isa : available_isas()) {
    set_isa(isa);
    for (const fs::path& folder : model_folders()) {
      SCOPED_TRACE(folder.string() + " " + std::string(name(isa)));
      const auto model = Model::load(Checkpoint::open(folder), kFloat);
      check_prompts(*model, read_json(folder / "golden.json"), folder / "logits_");
    }
  }
}

TEST(Goldens, the_released_form_of_a_config_makes_the_same_model) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  for (const fs::path& folder : model_folders()) {
    if (!fs::exists(folder / "config_released.json")) continue;
    SCOPED_TRACE(folder.string());
    const fs::path copy = fs::temp_directory_path() / "r1_released_config";
    fs::remove_all(copy);
    fs::create_directories(copy);
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".safetensors" ||
          entry.path().filename() == "model.safetensors.index.json") {
        fs::create_symlink(entry.path(), copy / entry.path().filename());
      }
    }
    fs::copy_file(folder / "config_released.json", copy / "config.json");
    const auto model = Model::load(Checkpoint::open(copy), kFloat);
    check_prompts(*model, read_json(folder / "golden.json"), folder / "logits_");
    fs::remove_all(copy);
  }
}

TEST(Goldens, gguf_files_give_the_logits_of_their_models) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const auto index = read_json(kGoldens / "gguf" / "index.json");
  for (const auto& [file, entry] : index.items()) {
    SCOPED_TRACE(file);
    const auto model = Model::load(Checkpoint::open(kGoldens / "gguf" / file), kFloat);
    const auto golden = read_json(kGoldens / entry.at("model").get<std::string>() / "golden.json");
    for (std::size_t i = 0; i < entry["logits"].size(); ++i) {
      const Tensor logits = logits_of(*model, golden["prompts"][i]["ids"].get<std::vector<int>>());
      EXPECT_LE(largest_difference(
                    logits, read_npy(kGoldens / "gguf" / entry["logits"][i].get<std::string>())),
                1e-4);
    }
  }
}

TEST(Goldens, the_prediction_layer_gives_the_logits_of_transformers) {
  if (!have_goldens()) GTEST_SKIP() << "needs the folder of R1_SHARED";
  const fs::path folder = kGoldens / "models" / "deepseek_v3-mtp";
  const auto model = Model::load(Checkpoint::open(folder), kFloat);
  const auto golden = read_json(folder / "golden.json");
  for (std::size_t i = 0; i < golden["prompts"].size(); ++i) {
    const auto ids = golden["prompts"][i]["ids"].get<std::vector<int>>();
    OwnedCache cache(model->cache_shape(), static_cast<std::int64_t>(ids.size()));
    Pass pass;
    pass.add(ids, 0, cache);
    const Tensor hidden = model->hidden(pass);
    Pass shifted;
    shifted.add({ids.begin() + 1, ids.end()}, 0, cache);
    const Tensor states = Tensor::of(
        {static_cast<std::int64_t>(ids.size()) - 1, hidden.width()},
        hidden.numbers().first(hidden.numbers().size() - static_cast<std::size_t>(hidden.width())));
    const Tensor logits = model->predicted_logits(model->predicted_hidden(shifted, states));
    EXPECT_LE(
        largest_difference(logits, read_npy(folder / ("mtp_logits_" + std::to_string(i) + ".npy"))),
        1e-4);
  }
}

}  // namespace
}  // namespace r1
