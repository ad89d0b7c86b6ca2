#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "formats/convert/convert.h"
#include "models/model.h"
#include "models/owned_cache.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(R1_SHARED) / "goldens";

/// Logits of a prompt of 140 tokens run in pieces of 70, and of one token more.
std::vector<Tensor> logits_of(const fs::path& path, bool fast_prefill) {
  const auto model = Model::load(Checkpoint::open(path), {.precision = Precision::f32,
                                                          .cache_type = DType::f32,
                                                          .pack = false,
                                                          .fast_prefill = fast_prefill});
  OwnedCache cache(model->cache_shape(), 141);
  std::vector<Tensor> logits;
  for (const auto& [position, count] : {std::pair{0, 70}, {70, 70}, {140, 1}}) {
    std::vector<int> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(static_cast<int>((position + i) * 31 % model->config().vocab));
    }
    Pass pass;
    pass.add(ids, position, cache);
    logits.push_back(model->logits(model->hidden(pass)));
  }
  return logits;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    const double difference =
        std::fabs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

TEST(ExpandedAttention, gives_the_absorbed_form_s_logits_from_folders_and_gguf_files) {
  if (std::string(R1_SHARED).empty() || !fs::exists(kGoldens / "models")) {
    GTEST_SKIP() << "needs the folder of R1_SHARED";
  }
  int models = 0;
  const TemporaryFolder folder;
  for (const auto& entry : fs::directory_iterator(kGoldens / "models")) {
    const std::string name = entry.path().filename().string();
    if (name.find("deepseek") == std::string::npos) continue;
    const fs::path gguf = folder / (name + ".gguf");
    convert({.source = entry.path(),
             .target = gguf,
             .format = {},
             .tokenizer = {},
             .note = [](const std::string&) {}});
    for (const fs::path& path : {entry.path(), gguf}) {
      SCOPED_TRACE(path.string());
      ++models;
      const auto absorbed = logits_of(path, false), expanded = logits_of(path, true);
      bool other_bits = false;
      for (std::size_t i = 0; i < absorbed.size(); ++i) {
        const double difference = largest_difference(absorbed[i], expanded[i]);
        EXPECT_LE(difference, 1e-4) << "piece " << i;
        other_bits = other_bits || difference > 0;
      }
      EXPECT_TRUE(other_bits) << "the expanded form was not taken";
    }
  }
  EXPECT_GT(models, 1);
}

}  // namespace
}  // namespace r1
