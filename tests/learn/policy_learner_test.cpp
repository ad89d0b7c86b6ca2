#include "learn/policy_learner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "base/threads.h"
#include "generate/byte_tokenizer.h"
#include "learn/advantages.h"
#include "learn/group_pass.h"
#include "learn/load_options.h"
#include "models/small_models.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

class PolicyLearnerTest : public testing::Test {
 protected:
  PolicyLearnerTest() {
    write_small_gguf(folder_ / "model.gguf", small_config("llama"), DType::f32);
    trainer_options_.optimizer.weight_decay = 0;
    trainer_options_.schedule.highest = 1e-3;
    trainer_options_.explosion = 0;
    rollout_options_.group = 4;
    rollout_options_.max_tokens = 12;
  }
  ~PolicyLearnerTest() override { set_threads(2); }

  std::unique_ptr<Model> load(const LoadOptions& options) const {
    return Model::load(Checkpoint::open(folder_ / "model.gguf"), options);
  }
  std::vector<RolloutGroup> roll(const Model& model, std::int64_t step = 0) const {
    const std::vector<std::vector<int>> prompts = {{1, 2, 3}, {4, 5}, {6}, {7, 8, 9, 10}};
    return roll_out(model, byte_tokenizer(), prompts, rollout_options_, step);
  }
  /// Advantages 1, -1/2, 0 and 1/4; the second group has none.
  static std::vector<WeighedGroup> weighed(const std::vector<RolloutGroup>& groups) {
    const double advantages[] = {1, -0.5, 0, 0.25};
    std::vector<WeighedGroup> result;
    for (const RolloutGroup& group : groups) {
      result.push_back({&group.prompt, {}});
      for (std::size_t i = 0; i < group.answers.size(); ++i) {
        const double advantage = result.size() == 2 ? 0 : advantages[i];
        result.back().answers.push_back({&group.answers[i], advantage, true});
      }
    }
    return result;
  }
  PolicyFigures learn(const Model& model, const std::vector<RolloutGroup>& groups,
                      const PolicyOptions& options, ReferencePolicy* reference = nullptr) {
    Trainer trainer(model, trainer_options_, 100);
    return PolicyLearner(model, trainer, reference, options).learn(weighed(groups));
  }
  static std::vector<float> weights_of(const Model& model) {
    std::vector<float> all;
    for (const Parameter& parameter : model.parameters().all()) {
      const auto numbers = parameter.value.numbers();
      all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
  }

  TemporaryFolder folder_;
  TrainerOptions trainer_options_;
  RolloutOptions rollout_options_;
};

/// The loss of all answers at once, none left out, by the formula of the paper.
double plain_loss(const Model& model, const std::vector<WeighedGroup>& groups,
                  const GrpoOptions& options) {
  std::vector<PromptAnswers> packed;
  AnswerBatch batch;
  for (const WeighedGroup& group : groups) {
    packed.push_back({*group.prompt, {}});
    for (const WeighedAnswer& answer : group.answers) {
      packed.back().answers.push_back(answer.rollout->ids);
      batch.advantages.push_back(answer.advantage);
      batch.lengths.push_back(static_cast<std::int64_t>(answer.rollout->ids.size()));
      batch.batch_tokens += batch.lengths.back();
      const auto& old = answer.rollout->log_probabilities;
      batch.old.insert(batch.old.end(), old.begin(), old.end());
    }
  }
  batch.counts.assign(batch.old.size(), 1);
  const GroupPass pass(model, packed);
  return grpo_loss(pass.log_probabilities(), batch, options).loss.data()[0];
}

TEST_F(PolicyLearnerTest,
       cut_into_micro_batches_and_without_answers_that_move_nothing_it_is_one_loss) {
  for (const TokenMean mean : {TokenMean::answer, TokenMean::batch, TokenMean::longest}) {
    for (const RatioLevel ratio : {RatioLevel::token, RatioLevel::sequence}) {
      PolicyOptions options;
      options.loss.mean = mean;
      options.loss.ratio = ratio;
      options.loss.longest_answer = 12;
      const auto whole_model = load(kFloat), cut_model = load(kFloat);
      const auto groups = roll(*whole_model);
      const double plain = plain_loss(*whole_model, weighed(groups), options.loss);
      const PolicyFigures whole = learn(*whole_model, groups, options);
      options.micro_batch_tokens = 20;
      const PolicyFigures cut = learn(*cut_model, groups, options);
      EXPECT_NEAR(whole.loss, plain, 1e-6 * std::fabs(plain) + 1e-8);
      EXPECT_NEAR(cut.loss, plain, 1e-6 * std::fabs(plain) + 1e-8);
      EXPECT_NEAR(cut.gradient_norm, whole.gradient_norm, 1e-5 * whole.gradient_norm);
      EXPECT_LT(whole.tokens, cut.tokens) << "prompts are computed again in each micro-batch";
      EXPECT_EQ(whole.learned_tokens, cut.learned_tokens);
      EXPECT_EQ(whole.updates, 1);
    }
  }
}

TEST_F(PolicyLearnerTest, before_the_first_update_the_ratio_is_exactly_1) {
  for (const LoadOptions& load_options : {kFloat, kBf16}) {
    const auto model = load(load_options);
    PolicyOptions options;
    options.loss.clip_low = options.loss.clip_high = 0;  // any other ratio would be clipped
    const PolicyFigures figures = learn(*model, roll(*model), options);
    EXPECT_EQ(figures.mismatch_max, 0.0);
    EXPECT_GT(figures.compared_tokens, 50);
    EXPECT_EQ(figures.grpo.clipped_low + figures.grpo.clipped_high, 0.0);
    options.epochs = 3;
    const PolicyFigures more = learn(*model, roll(*model, 1), options);
    EXPECT_EQ(more.mismatch_max, 0.0);
    EXPECT_EQ(more.updates, 3);
    EXPECT_GT(more.grpo.clipped_low + more.grpo.clipped_high, 0.0);
  }
}

TEST_F(PolicyLearnerTest, a_changed_weight_shows_as_a_mismatch) {
  const auto model = load(kBf16);
  const auto groups = roll(*model);
  Tensor weight = *model->parameters().find("model.layers.0.mlp.down_proj.weight");
  weight.data()[3] =
      std::bit_cast<float>(std::bit_cast<std::uint32_t>(weight.data()[3]) ^ 0x10000u);
  model->parameters().refresh();
  EXPECT_GT(learn(*model, groups, {}).mismatch_max, 0.0);
}

TEST_F(PolicyLearnerTest, weights_have_the_same_bits_with_any_number_of_threads) {
  std::vector<std::vector<float>> results;
  for (const int count : {1, 2}) {
    set_threads(count);
    const auto model = load(kBf16);
    Trainer trainer(*model, trainer_options_, 100);
    PolicyOptions options;
    options.minibatches = 2;
    options.epochs = 2;
    PolicyLearner learner(*model, trainer, nullptr, options);
    for (std::int64_t step = 0; step < 2; ++step) {
      const auto groups = roll(*model, step);
      learner.learn(weighed(groups));
    }
    results.push_back(weights_of(*model));
  }
  EXPECT_EQ(std::memcmp(results[0].data(), results[1].data(), results[0].size() * 4), 0);
}

TEST_F(PolicyLearnerTest, the_reference_is_the_model_of_an_earlier_step) {
  const auto model = load(kBf16);
  ReferencePolicy reference(*model);
  PolicyOptions options;
  options.loss.kl_weight = 0.1;
  const auto before = weights_of(*model);
  const PolicyFigures first = learn(*model, roll(*model), options, &reference);
  EXPECT_EQ(first.grpo.mean_kl, 0.0) << "the policy is its reference";
  const PolicyFigures second = learn(*model, roll(*model, 1), options, &reference);
  EXPECT_GT(second.grpo.mean_kl, 0.0);
  EXPECT_EQ(second.mismatch_max, 0.0);
  {
    const ReferencePolicy::Scope scope(reference);
    EXPECT_EQ(weights_of(*model), before);
  }
  EXPECT_NE(weights_of(*model), before);
  reference.renew();
  EXPECT_EQ(learn(*model, roll(*model, 2), options, &reference).grpo.mean_kl, 0.0);
}

TEST_F(PolicyLearnerTest, what_is_rewarded_is_said_more_often) {
  const auto model = load(kBf16);
  Trainer trainer(*model, trainer_options_, 100);
  PolicyLearner learner(*model, trainer, nullptr, {});
  const auto is_wanted = [](int id) { return id % 4 == 1; };
  double first = 0, last = 0;
  for (std::int64_t step = 0; step < 30; ++step) {
    const auto groups = roll(*model, step);
    std::vector<WeighedGroup> lessons;
    double share = 0;
    for (const RolloutGroup& group : groups) {
      std::vector<double> rewards;
      for (const Rollout& answer : group.answers) {
        rewards.push_back(
            static_cast<double>(std::count_if(answer.ids.begin(), answer.ids.end(), is_wanted)));
        share += rewards.back() / 12 / 16;
      }
      const auto advantages = r1::advantages(rewards, 4, RewardScale::group);
      lessons.push_back({&group.prompt, {}});
      for (std::size_t i = 0; i < rewards.size(); ++i) {
        lessons.back().answers.push_back({&group.answers[i], advantages[i], true});
      }
    }
    if (step == 0) first = share;
    last = share;
    EXPECT_EQ(learner.learn(lessons).mismatch_max, 0.0);
  }
  EXPECT_LT(first, 0.5);
  EXPECT_GT(last, 0.9);
}

}  // namespace
}  // namespace r1
