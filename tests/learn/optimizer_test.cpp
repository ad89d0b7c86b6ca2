#include "learn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "formats/json.h"
#include "learn/language_loss.h"
#include "ops/tape.h"
#include "sanitizer.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(R1_SHARED) / "goldens" / "models";

std::unique_ptr<Model> learning_model(const fs::path& folder) {
  return Model::load(Checkpoint::open(folder), {.precision = Precision::f32,
                                                .cache_type = DType::f32,
                                                .learn = Learn::weights,
                                                .learned_type = DType::f32});
}

/// Forward and backward of one batch; the loss.
double accumulate(const Model& model, const std::vector<std::vector<int>>& documents) {
  Tape tape;
  const Tape::Scope scope(tape);
  PackedPass pass(model, documents);
  Tensor loss = next_token_loss(pass);
  if (model.config().prediction_layers > 0) loss = joint_loss(loss, prediction_loss(pass), 0.3f);
  tape.backward(loss);
  return static_cast<double>(loss.data()[0]);
}

// Losses and norms of 20 steps differ between the reference's float32 and float64 by 2.5e-6; Adam
// turns rounding into steps where a gradient is nearly zero, hence sums of weights within 2e-3.
TEST(AdamW, twenty_steps_are_those_of_pytorch_for_every_architecture) {
  if (std::string(R1_SHARED).empty() || !fs::exists(kModels)) GTEST_SKIP() << "needs R1_SHARED";
  int models = 0;
  for (const auto& entry : fs::directory_iterator(kModels)) {
    if (!fs::exists(entry.path() / "adamw.json")) continue;
    SCOPED_TRACE(entry.path().string());
    ++models;
    const auto golden = read_json(entry.path() / "adamw.json");
    const auto model = learning_model(entry.path());
    AdamW optimizer(model->parameters(), {});
    for (const auto& want : golden.at("steps")) {
      const double loss = accumulate(*model, want.at("ids").get<std::vector<std::vector<int>>>());
      EXPECT_NEAR(loss, want.at("loss").get<double>(), 1e-4);
      EXPECT_NEAR(optimizer.step(1e-3) / want.at("grad_norm").get<double>(), 1.0, 1e-4);
    }
    EXPECT_EQ(optimizer.steps(), 20);
    for (const auto& [name, end] : golden.at("parameters").items()) {
      const Tensor* value = model->parameters().find(name);
      ASSERT_NE(value, nullptr) << name;
      double squares = 0, sum = 0;
      for (const float w : value->numbers()) {
        squares += static_cast<double>(w) * static_cast<double>(w);
        sum += static_cast<double>(w);
      }
      EXPECT_NEAR(std::sqrt(squares) / end.at("l2").get<double>(), 1.0, 1e-4) << name;
      EXPECT_NEAR(sum, end.at("sum").get<double>(), 2e-3) << name;
    }
  }
  EXPECT_GE(models, 8);
}

// A trained model of 135M parameters, from quantized weights. The reference's float32 and float64
// differ by 1e-5 in losses and by 6e-5 of a norm.
TEST(AdamW, five_steps_of_a_trained_model_are_those_of_pytorch) {
  const fs::path file = fs::path(R1_SHARED) / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
  const fs::path sft = kModels.parent_path() / "smollm2" / "sft.json";
  if (!fs::exists(file) || !fs::exists(sft)) GTEST_SKIP() << "needs R1_SHARED";
  const auto golden = read_json(sft);
  const auto model = learning_model(file);
  AdamW optimizer(model->parameters(), {});
  const auto row = [&](std::size_t i) {
    return golden["steps"][i].at("ids").get<std::vector<std::vector<int>>>();
  };
  const std::size_t all = golden.at("steps").size(), steps = kSanitized ? 1 : all;
  for (std::size_t i = 0; i < steps; ++i) {
    const auto& want = golden["steps"][i];
    EXPECT_NEAR(accumulate(*model, row(i)), want.at("loss").get<double>(), 1e-3);
    EXPECT_NEAR(optimizer.step(1e-5) / want.at("grad_norm").get<double>(), 1.0, 1e-3);
  }
  if (steps < all) return;
  const PackedPass pass(*model, row(0));
  EXPECT_NEAR(static_cast<double>(next_token_loss(pass).data()[0]),
              golden.at("loss_of_first_batch_after_last_step").get<double>(), 1e-3);
}

TEST(AdamW, weights_have_the_same_bits_with_any_number_of_threads) {
  if (std::string(R1_SHARED).empty() || !fs::exists(kModels)) GTEST_SKIP() << "needs R1_SHARED";
  const auto golden = read_json(kModels / "deepseek_v3-mtp" / "adamw.json");
  std::vector<std::vector<float>> weights;
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    const auto model = learning_model(kModels / "deepseek_v3-mtp");
    AdamW optimizer(model->parameters(), {});
    for (int i = 0; i < 3; ++i) {
      accumulate(*model, golden["steps"][i]["ids"].get<std::vector<std::vector<int>>>());
      optimizer.step(1e-3);
    }
    weights.emplace_back();
    for (const Parameter& parameter : model->parameters().all()) {
      const auto numbers = parameter.value.numbers();
      weights.back().insert(weights.back().end(), numbers.begin(), numbers.end());
    }
  }
  set_threads(2);
  for (const auto& other : {weights[1], weights[2]}) {
    EXPECT_EQ(std::memcmp(other.data(), weights[0].data(), other.size() * 4), 0);
  }
}

TEST(AdamW, says_which_gradient_is_no_number_and_changes_nothing) {
  Parameters parameters;
  Tensor good = Tensor::zeros({3}), bad = Tensor::zeros({2});
  parameters.add("good", good);
  parameters.add("bad", bad);
  AdamW optimizer(parameters, {});
  good.gradient().data()[1] = 1.0f;
  bad.gradient().data()[0] = std::numeric_limits<float>::quiet_NaN();
  try {
    optimizer.step(0.1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the gradient by bad"), std::string::npos);
  }
  EXPECT_EQ(good.data()[1], 0.0f);
  EXPECT_EQ(optimizer.steps(), 0);
}

}  // namespace
}  // namespace r1
