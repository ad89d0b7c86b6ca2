#include "learn/gradient_lanes.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/threads.h"
#include "formats/config.h"
#include "learn/language_loss.h"
#include "learn/packed_pass.h"
#include "formats/convert/random_model.h"
#include "models/model.h"
#include "small_run.h"

namespace r1 {
namespace {

using Sums = std::map<std::string, std::vector<float>>;

class GradientLanes : public testing::Test {
 protected:
  GradientLanes() {
    nlohmann::ordered_json config = small_learning_config("deepseek_v3");
    normalise_config(config, "test");
    model_ = Model::load(initial_model(config, 0.05f, 1), {.learn = Learn::weights});
    for (int i = 0; i < 11; ++i) {
      documents_.emplace_back();
      for (int t = 0; t < 5 + i; ++t) documents_.back().push_back((7 * i + 3 * t) % 60);
    }
  }
  ~GradientLanes() override { set_threads(static_cast<int>(before_)); }

  /// What a call with a document a micro-batch adds to the gradients.
  int accumulate() {
    return accumulate_gradients(
        model_->parameters(), documents_.size(), [&](std::size_t i) -> MicroLoss {
          const auto pass = std::make_shared<PackedPass>(*model_, std::span(&documents_[i], 1));
          return {next_token_loss(*pass, {}, 100), pass};
        });
  }
  Sums take_sums() {
    Sums sums;
    for (const Parameter& parameter : model_->parameters().all()) {
      const Gradient gradient = parameter.value.gradient();
      if (!gradient.arrived()) continue;
      sums[parameter.name].assign(gradient.data(), gradient.data() + gradient.elements());
    }
    model_->parameters().clear_gradients();
    return sums;
  }

  int before_ = threads().size();
  std::unique_ptr<Model> model_;
  std::vector<std::vector<int>> documents_;
};

TEST_F(GradientLanes, sum_to_the_same_bits_whatever_the_threads) {
  set_threads(1);
  EXPECT_EQ(accumulate(), 1);
  const Sums expected = take_sums();
  EXPECT_FALSE(expected.empty());
  for (const int count : {2, 3, 8, 16}) {
    set_threads(count);
    EXPECT_EQ(accumulate(), count > GradientLane::kMost ? 1 : count);
    EXPECT_EQ(take_sums(), expected) << count;
  }
}

TEST_F(GradientLanes, add_to_what_stands_there_and_leave_nothing_behind) {
  accumulate();
  const Sums once = take_sums();
  accumulate();
  accumulate();
  for (const Parameter& parameter : model_->parameters().all()) {
    for (int lane = 1; lane < GradientLane::kMost; ++lane) {
      EXPECT_FALSE(parameter.value.gradient(lane).arrived());
    }
  }
  for (const auto& [name, twice] : take_sums()) {
    const std::vector<float>& one = once.at(name);
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_NEAR(twice[i], 2 * one[i], 1e-5f + 1e-4f * std::abs(one[i])) << name;
    }
  }
}

TEST_F(GradientLanes, are_the_gradient_of_all_documents_together) {
  accumulate();
  const Sums apart = take_sums();
  accumulate_gradients(model_->parameters(), 1, [&](std::size_t) -> MicroLoss {
    const auto pass = std::make_shared<PackedPass>(*model_, documents_);
    return {next_token_loss(*pass, {}, 100), pass};
  });
  for (const auto& [name, together] : take_sums()) {
    const std::vector<float>& sum = apart.at(name);
    float largest = 0;
    for (const float number : together) largest = std::max(largest, std::abs(number));
    for (std::size_t i = 0; i < sum.size(); ++i) {
      EXPECT_NEAR(sum[i], together[i], 0.02f * largest) << name;
    }
  }
}

TEST_F(GradientLanes, hand_on_what_a_forward_throws) {
  set_threads(2);
  EXPECT_THROW(accumulate_gradients(model_->parameters(), 4,
                                    [&](std::size_t i) -> MicroLoss {
                                      if (i == 2) throw std::runtime_error("broken");
                                      const auto pass = std::make_shared<PackedPass>(
                                          *model_, std::span(&documents_[i], 1));
                                      return {next_token_loss(*pass, {}, 100), pass};
                                    }),
               std::runtime_error);
}

}  // namespace
}  // namespace r1
