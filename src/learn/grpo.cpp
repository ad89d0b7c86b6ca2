#include "learn/grpo.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "learn/grpo_options.h"
#include "learn/policy_learner.h"
#include "learn/scored_rollouts.h"

namespace r1 {
namespace {

std::vector<double> totals_of(const ScoredGroup& group) {
  std::vector<double> totals;
  for (const tasks::RewardParts& parts : group.rewards) totals.push_back(parts.total);
  return totals;
}

bool all_equal(const ScoredGroup& group) {
  const std::vector<double> totals = totals_of(group);
  return std::adjacent_find(totals.begin(), totals.end(), std::not_equal_to<>()) == totals.end();
}

/// Means over answers, summed up as they come.
struct Sums {
  double reward = 0, correct = 0, tokens = 0, truncated = 0, surprise = 0;
  tasks::RewardParts parts;
  std::int64_t answers = 0, groups = 0, equal_groups = 0;

  void add(const ScoredGroup& group) {
    ++groups;
    equal_groups += all_equal(group) ? 1 : 0;
    for (std::size_t i = 0; i < group.rewards.size(); ++i) {
      const tasks::RewardParts& one = group.rewards[i];
      const Rollout& answer = group.group.answers[i];
      ++answers;
      reward += one.total;
      parts.accuracy += one.accuracy;
      parts.format += one.format;
      parts.language += one.language;
      parts.length += one.length;
      parts.command += one.command;
      correct += one.correct ? 1 : 0;
      tokens += static_cast<double>(answer.ids.size());
      truncated += answer.truncated ? 1 : 0;
      for (const float number : answer.log_probabilities) surprise -= static_cast<double>(number);
    }
  }
};

class Grpo : public Stage {
 public:
  explicit Grpo(GrpoStageOptions options) : options_(std::move(options)) {}

  void begin(StageContext& context) override;
  std::int64_t steps() const override { return options_.steps; }
  StageReport step(std::int64_t index) override;
  void visit(State& state) override;

 private:
  std::vector<ScoredGroup> answered(std::int64_t index, Sums& sums, RolloutFigures& figures);
  std::vector<double> advantages_of(const std::vector<ScoredGroup>& groups) const;
  std::vector<WeighedGroup> weighed(const std::vector<ScoredGroup>& groups) const;
  double measure(const char* name, std::int64_t step, StageReport& report);

  GrpoStageOptions options_;
  StageContext* context_ = nullptr;
  const Model* model_ = nullptr;
  const Tokenizer* tokenizer_ = nullptr;
  std::optional<Questions> questions_;
  std::optional<tasks::Reward> reward_, accuracy_;
  std::optional<Trainer> trainer_;
  std::optional<ReferencePolicy> reference_;
  std::optional<PolicyLearner> learner_;
};

void Grpo::begin(StageContext& context) {
  context_ = &context;
  model_ = &context.model.model();
  tokenizer_ = &context.model.tokenizer();
  std::optional<ChatTemplate> chat;
  if (options_.questions.form == QuestionOptions::Form::chat) chat = context.model.chat_template();
  questions_.emplace(options_.questions, *tokenizer_, chat);
  reward_.emplace(options_.reward);
  accuracy_.emplace(tasks::RewardSettings{});
  options_.rollouts.seed = context.seed;
  trainer_.emplace(*model_, options_.trainer,
                   options_.steps * options_.policy.epochs * options_.policy.minibatches);
  if (options_.policy.loss.kl_weight != 0) reference_.emplace(*model_);
  learner_.emplace(*model_, *trainer_, reference_ ? &*reference_ : nullptr, options_.policy);
}

/// The answers to a step's questions. Where groups of equal rewards, which teach nothing, are to be
/// replaced, those that differ, and further ones until there are enough or the rounds are used up.
std::vector<ScoredGroup> Grpo::answered(std::int64_t index, Sums& sums, RolloutFigures& figures) {
  const std::int64_t rounds = options_.more_prompts + 1;
  std::vector<ScoredGroup> kept;
  std::int64_t asked = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t missing = options_.prompts - static_cast<std::int64_t>(kept.size());
    if (missing == 0) break;
    std::vector<Question> questions;
    for (std::int64_t i = 0; i < missing; ++i) {
      const std::int64_t number = index * options_.prompts * rounds + asked + i;
      questions.push_back(questions_->ask(tasks::Split::train, context_->seed, number));
    }
    auto groups = scored_rollouts(*model_, *tokenizer_, std::move(questions), *reward_,
                                  options_.rollouts, index, asked, figures);
    asked += missing;
    for (ScoredGroup& group : groups) {
      for (std::size_t i = 0; i < group.rewards.size(); ++i) {
        const bool truncated = group.group.answers[i].truncated;
        if (truncated && options_.truncated == Truncated::wrong) group.rewards[i].total = 0;
      }
      sums.add(group);
      if (options_.more_prompts == 0 || !all_equal(group)) kept.push_back(std::move(group));
    }
  }
  return kept;
}

std::vector<double> Grpo::advantages_of(const std::vector<ScoredGroup>& groups) const {
  std::vector<double> rewards;
  for (const ScoredGroup& group : groups) {
    const std::vector<double> totals = totals_of(group);
    rewards.insert(rewards.end(), totals.begin(), totals.end());
  }
  const std::int64_t size = options_.rollouts.group;
  switch (options_.advantages) {
    case AdvantageRule::paper:
      return paper_advantages(rewards, size);
    case AdvantageRule::batch:
      return advantages(rewards, size, RewardScale::batch);
    case AdvantageRule::none:
      return advantages(rewards, size, RewardScale::none);
    case AdvantageRule::group:
      break;
  }
  return advantages(rewards, size, RewardScale::group);
}

std::vector<WeighedGroup> Grpo::weighed(const std::vector<ScoredGroup>& groups) const {
  const std::vector<double> all = advantages_of(groups);
  std::vector<WeighedGroup> result;
  std::size_t next = 0;
  for (const ScoredGroup& group : groups) {
    WeighedGroup& one = result.emplace_back();
    one.prompt = &group.group.prompt;
    for (const Rollout& answer : group.group.answers) {
      const bool masked = answer.truncated && options_.truncated == Truncated::mask;
      one.answers.push_back({&answer, all[next++], !masked});
    }
  }
  return result;
}

/// Accuracy on held-out questions; some answers are written down.
double Grpo::measure(const char* name, std::int64_t step, StageReport& report) {
  constexpr std::size_t kShown = 8;
  const HeldOut result = held_out(*model_, *tokenizer_, *questions_, *accuracy_, options_.rollouts,
                                  context_->seed, options_.evaluation_questions);
  report.metrics[name] = result.accuracy;
  for (std::size_t i = 0; i < std::min(kShown, result.answers.size()); ++i) {
    nlohmann::ordered_json sample = {{"step", step}, {"measured", name}};
    sample.update(sample_of(result.answers[i], 0));
    context_->folder.sample("grpo", sample);
  }
  return result.accuracy;
}

StageReport Grpo::step(std::int64_t index) {
  StageReport report;
  const bool measures = options_.evaluation_questions > 0;
  if (measures && index == 0) measure("held_out_before", 0, report);
  Sums sums;
  RolloutFigures rolled;
  const std::vector<ScoredGroup> groups = answered(index, sums, rolled);
  const PolicyFigures learned = learner_->learn(weighed(groups));
  if (options_.renew_reference > 0 && (index + 1) % options_.renew_reference == 0) {
    reference_->renew();
  }
  const auto answers = static_cast<double>(sums.answers);
  auto& metrics = report.metrics;
  metrics["reward"] = sums.reward / answers;
  metrics["accuracy"] = sums.correct / answers;
  if (options_.reward.format != 0) metrics["reward_format"] = sums.parts.format / answers;
  if (options_.reward.language != 0) metrics["reward_language"] = sums.parts.language / answers;
  if (options_.reward.length != 0) metrics["reward_length"] = sums.parts.length / answers;
  if (options_.reward.command != 0) metrics["reward_command"] = sums.parts.command / answers;
  metrics["response_length"] = sums.tokens / answers;
  metrics["truncated"] = sums.truncated / answers;
  // The mean of -log p of what was drawn estimates it without bias.
  metrics["entropy"] = sums.surprise / std::max(1.0, sums.tokens);
  metrics["equal_groups"] =
      static_cast<double>(sums.equal_groups) / static_cast<double>(sums.groups);
  metrics["loss"] = learned.loss;
  metrics["grad_norm"] = learned.gradient_norm;
  metrics["learning_rate"] = learned.learning_rate;
  add_expert_load(learned.expert_load, metrics);
  if (reference_) metrics["kl"] = learned.grpo.mean_kl;
  metrics["clip_low"] = learned.grpo.clipped_low;
  metrics["clip_high"] = learned.grpo.clipped_high;
  metrics["mismatch_max"] = learned.mismatch_max;
  metrics["compared_tokens"] = learned.compared_tokens;
  metrics["learned_tokens"] = learned.learned_tokens;
  metrics["rollout_tokens_per_second"] = static_cast<double>(rolled.answer_tokens) / rolled.seconds;
  metrics["rollout_seconds"] = rolled.seconds;
  metrics["training_seconds"] = learned.seconds;
  for (std::size_t i = 0; i < std::min(groups.size(), static_cast<std::size_t>(options_.samples));
       ++i) {
    nlohmann::ordered_json sample = {{"step", index + 1}};
    sample.update(sample_of(groups[i], 0));
    context_->folder.sample("grpo", sample);
  }
  const bool last = index + 1 == options_.steps;
  if (measures && (last || (index + 1) % options_.evaluate_every == 0)) {
    report.quality = measure("held_out_accuracy", index + 1, report);
  }
  report.tokens = learned.tokens;
  report.operations = training_operations(*model_, learned.tokens, learned.learned_tokens);
  return report;
}

void Grpo::visit(State& state) {
  trainer_->visit(state);
  if (reference_) reference_->visit(state);
}

}  // namespace

std::unique_ptr<Stage> make_grpo(const Section& section, const ModelConfig& model) {
  return std::make_unique<Grpo>(GrpoStageOptions::read(section, model));
}

}  // namespace r1
