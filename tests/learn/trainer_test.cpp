#include "learn/trainer.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "formats/config.h"
#include "formats/convert/random_model.h"
#include "learn/language_loss.h"
#include "small_run.h"

namespace r1 {
namespace {

const std::vector<std::vector<int>> kDocuments = {{1, 2, 3, 4, 5}, {6, 7, 8}};

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() {
    nlohmann::ordered_json config = small_learning_config("llama");
    normalise_config(config, "test");
    model_ = Model::load(initial_model(config, 0.02f, 1), {.learn = Learn::weights});
    trainer_ = std::make_unique<Trainer>(*model_, TrainerOptions{}, 10);
  }

  /// `times` the loss of the documents.
  void accumulate(float times = 1) {
    const std::vector<double> shares = {1};
    trainer_->accumulate(shares, [&](std::size_t, const PackedOptions& packing) -> MicroLoss {
      const auto pass = std::make_shared<PackedPass>(*model_, kDocuments, packing);
      return {joint_loss(next_token_loss(*pass), next_token_loss(*pass), times - 1), pass};
    });
  }
  Tensor parameter(const std::string& name) const { return *model_->parameters().find(name); }
  std::vector<float> weights() const {
    std::vector<float> all;
    for (const Parameter& one : model_->parameters().all()) {
      all.insert(all.end(), one.value.numbers().begin(), one.value.numbers().end());
    }
    return all;
  }
  std::string error_of_update() {
    try {
      trainer_->update();
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Trainer> trainer_;
};

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
const std::string kTensor = "model.layers.1.mlp.up_proj.weight";

TEST_F(TrainerTest, names_the_weight_that_made_the_loss_no_number) {
  parameter(kTensor).data()[7] = kNan;
  model_->parameters().refresh();
  accumulate();
  EXPECT_EQ(error_of_update(),
            "the loss: is no finite number: " + kTensor + " holds a number that isn't finite");
}

TEST_F(TrainerTest, names_the_gradient_that_is_no_number_and_keeps_the_weights) {
  accumulate();
  parameter(kTensor).gradient().data()[7] = kNan;
  const std::vector<float> before = weights();
  const std::string error = error_of_update();
  EXPECT_TRUE(error.starts_with("the gradient by " + kTensor + ": is no finite number")) << error;
  EXPECT_EQ(weights(), before);
  EXPECT_EQ(trainer_->updates(), 0);
}

TEST_F(TrainerTest, names_the_steepest_gradient_of_a_loss_that_explodes_and_keeps_the_weights) {
  accumulate();
  trainer_->update();
  accumulate();
  accumulate(101);
  const std::vector<float> before = weights();
  const std::string error = error_of_update();
  EXPECT_TRUE(error.starts_with("the loss: exploded from ")) << error;
  EXPECT_NE(error.find("with the largest gradient by model."), std::string::npos) << error;
  EXPECT_EQ(weights(), before);
}

}  // namespace
}  // namespace r1
