#include "learn/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/threads.h"
#include "formats/json.h"
#include "learn/language_loss.h"
#include "learn/update_rules.h"
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
    Optimizer optimizer(model->parameters(), {});
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
  Optimizer optimizer(model->parameters(), {});
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
    Optimizer optimizer(model->parameters(), {});
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
  Optimizer optimizer(parameters, {});
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

/// Parameters with every kind of name, and gradients that differ from step to step.
struct SmallModel {
  Parameters parameters;

  SmallModel() {
    for (const auto& [name, shape] : std::vector<std::pair<std::string, Tensor::Shape>>{
             {"model.embed_tokens.weight", {40, 24}},
             {"model.layers.0.self_attn.q_proj.weight", {24, 24}},
             {"model.layers.0.mlp.up_proj.weight", {56, 24}},
             {"model.layers.0.mlp.down_proj.weight", {24, 56}},
             {"model.norm.weight", {24}}}) {
      Tensor value = Tensor::empty(shape);
      fill(value.data(), value.elements(), 1);
      parameters.add(name, value);
    }
  }
  static void fill(float* numbers, std::int64_t count, std::uint64_t seed) {
    Random random(seed, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      numbers[i] = static_cast<float>(random.uniform() - 0.5);
    }
  }
  void give_gradients(std::uint64_t step) {
    for (std::size_t i = 0; i < parameters.all().size(); ++i) {
      const Gradient gradient = parameters.all()[i].value.gradient();
      fill(gradient.data(), gradient.elements(), 100 * step + i);
    }
  }
  std::vector<float> numbers() const {
    std::vector<float> all;
    for (const Parameter& parameter : parameters.all()) {
      const auto mine = parameter.value.numbers();
      all.insert(all.end(), mine.begin(), mine.end());
    }
    return all;
  }
};

/// Keeps what it visits, then gives it back.
struct CopiedState : State {
  bool loads = false;
  std::map<std::string, std::vector<std::byte>> arrays;
  std::map<std::string, std::int64_t> integers;

  using State::array;
  void array(const std::string& name, DType, const Tensor::Shape&,
             std::span<std::byte> bytes) override {
    if (loads) {
      const auto& kept = arrays.at(name);
      ASSERT_EQ(kept.size(), bytes.size());
      std::copy(kept.begin(), kept.end(), bytes.begin());
    } else {
      arrays[name] = {bytes.begin(), bytes.end()};
    }
  }
  void integer(const std::string& name, std::int64_t& value) override {
    loads ? value = integers.at(name) : integers[name] = value;
  }
  void number(const std::string&, double&) override { FAIL(); }
  void text(const std::string&, std::string&) override { FAIL(); }
};

TEST(Optimizer, goes_on_with_the_same_bits_from_the_state_that_another_had) {
  for (const OptimizerKind kind : {OptimizerKind::adamw, OptimizerKind::muon}) {
    for (const DType moments : {DType::f32, DType::bf16}) {
      OptimizerOptions options;
      options.kind = kind;
      options.moments = moments;
      SmallModel whole, halted;
      Optimizer through(whole.parameters, options), before(halted.parameters, options);
      for (std::uint64_t step = 0; step < 6; ++step) {
        whole.give_gradients(step);
        through.step(0.01);
        if (step >= 3) continue;
        halted.give_gradients(step);
        before.step(0.01);
      }
      Optimizer after(halted.parameters, options);
      CopiedState state;
      before.visit(state);
      state.loads = true;
      after.visit(state);
      EXPECT_EQ(after.steps(), 3);
      for (std::uint64_t step = 3; step < 6; ++step) {
        halted.give_gradients(step);
        after.step(0.01);
      }
      EXPECT_EQ(whole.numbers(), halted.numbers());
    }
  }
}

// Rounding errs by at most 2^-9 of a moment a step, and decay forgets: 2^-9 / (1 - beta) in all, 2
// % of the first moment, 4 % of the second's square, 2 % of its root.
TEST(Optimizer, moments_in_bf16_keep_every_step_within_four_percent) {
  SmallModel exact, rounded;
  OptimizerOptions options;
  options.clip = 0;
  options.weight_decay = 0;
  Optimizer one(exact.parameters, options);
  options.moments = DType::bf16;
  Optimizer other(rounded.parameters, options);
  bool differs = false;
  for (std::uint64_t step = 0; step < 50; ++step) {
    // All gradients positive, so that steps can be compared number by number.
    for (const SmallModel* model : {&exact, &rounded}) {
      for (std::size_t i = 0; i < model->parameters.all().size(); ++i) {
        const Gradient gradient = model->parameters.all()[i].value.gradient();
        SmallModel::fill(gradient.data(), gradient.elements(), 100 * step + i);
        for (std::int64_t k = 0; k < gradient.elements(); ++k) gradient.data()[k] += 0.6f;
      }
    }
    const auto before = exact.numbers(), before_rounded = rounded.numbers();
    one.step(0.01);
    other.step(0.01);
    const auto after = exact.numbers(), after_rounded = rounded.numbers();
    for (std::size_t i = 0; i < after.size(); ++i) {
      const float step_exact = after[i] - before[i];
      const float step_rounded = after_rounded[i] - before_rounded[i];
      EXPECT_NEAR(step_rounded / step_exact, 1.0f, 0.04f);
      differs = differs || step_rounded != step_exact;
    }
  }
  EXPECT_TRUE(differs);
}

TEST(Optimizer, refuses_moments_that_rounding_would_stop) {
  const SmallModel model;
  OptimizerOptions options;
  options.moments = DType::bf16;
  options.beta2 = 0.999;
  EXPECT_THROW(Optimizer(model.parameters, options), Error);
  options.beta2 = 0.95;
  options.moments = DType::q8_0;
  EXPECT_THROW(Optimizer(model.parameters, options), Error);
}

// Jordan's polynomial brings singular values between 0.7 and 1.2; so the squares of a step's
// numbers sum up to about as many as the matrix has rows.
TEST(Muon, moves_hidden_matrices_by_orthogonal_steps_as_large_as_those_of_adamw) {
  SmallModel model;
  OptimizerOptions options;
  options.kind = OptimizerKind::muon;
  options.weight_decay = 0;
  Optimizer optimizer(model.parameters, options);
  for (const Parameter& parameter : model.parameters.all()) {
    const auto numbers = parameter.value.numbers();
    const std::vector<float> before(numbers.begin(), numbers.end());
    const bool hidden = is_hidden_matrix(parameter.name, parameter.value.shape());
    EXPECT_EQ(hidden, parameter.name.find("_proj") != std::string::npos);
    if (!hidden) continue;
    const Gradient gradient = parameter.value.gradient();
    SmallModel::fill(gradient.data(), gradient.elements(), 7);
  }
  const auto before = model.numbers();
  optimizer.step(0.01);
  const auto after = model.numbers();
  std::size_t at = 0;
  for (const Parameter& parameter : model.parameters.all()) {
    const std::int64_t rows = parameter.value.rows(), cols = parameter.value.width();
    const bool hidden = is_hidden_matrix(parameter.name, parameter.value.shape());
    const std::int64_t small = std::min(rows, cols), large = std::max(rows, cols);
    const double unit = 0.01 * 0.2 * std::sqrt(static_cast<double>(large));
    const auto step = [&](std::int64_t i, std::int64_t k) {
      const std::int64_t index = rows <= cols ? i * cols + k : k * cols + i;
      const std::size_t place = at + static_cast<std::size_t>(index);
      return static_cast<double>(after[place] - before[place]) / unit;
    };
    for (std::int64_t i = 0; hidden && i < small; ++i) {
      for (std::int64_t j = 0; j < small; ++j) {
        double product = 0;
        for (std::int64_t k = 0; k < large; ++k) product += step(i, k) * step(j, k);
        EXPECT_NEAR(product, i == j ? 0.9 : 0.0, 0.45) << parameter.name;
      }
    }
    at += static_cast<std::size_t>(rows * cols);
  }
}

TEST(Muon, leaves_embeddings_heads_norms_routers_and_adapters_to_adamw) {
  EXPECT_TRUE(is_hidden_matrix("model.layers.3.mlp.experts.2.gate_proj.weight", {8, 8}));
  EXPECT_TRUE(is_hidden_matrix("model.layers.8.eh_proj.weight", {8, 16}));
  EXPECT_FALSE(is_hidden_matrix("model.embed_tokens.weight", {8, 8}));
  EXPECT_FALSE(is_hidden_matrix("lm_head.weight", {8, 8}));
  EXPECT_FALSE(is_hidden_matrix("model.layers.8.shared_head.head.weight", {8, 8}));
  EXPECT_FALSE(is_hidden_matrix("model.layers.3.mlp.gate.weight", {8, 8}));
  EXPECT_FALSE(is_hidden_matrix("model.layers.3.input_layernorm.weight", {8}));
  EXPECT_FALSE(is_hidden_matrix("base_model.model.model.layers.0.q_proj.lora_A.weight", {8, 8}));
}

}  // namespace
}  // namespace r1
