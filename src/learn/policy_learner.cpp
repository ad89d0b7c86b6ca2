#include "learn/policy_learner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "learn/group_pass.h"

namespace r1 {

struct PolicyLearner::MicroBatch {
  std::vector<PromptAnswers> groups;
  std::vector<const Rollout*> rollouts;  // in the order of the groups' answers
  AnswerBatch answers;                   // of the whole minibatch; those not in here are empty
  std::int64_t tokens = 0;               // that go through the model
  double share = 0;                      // of the minibatch's sequences
};

struct PolicyLearner::MiniBatch {
  std::vector<MicroBatch> micro_batches;
};

namespace {

double largest_difference(std::span<const float> a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(a[i]) - b[i]);
    // A difference that is no number is the worst of all.
    if (!(difference <= largest)) {
      largest = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
    }
  }
  return largest;
}

}  // namespace

/// Packs the answers that learn into micro-batches; a group is cut where it would exceed one.
PolicyLearner::MiniBatch PolicyLearner::minibatch(std::span<const WeighedGroup> groups) const {
  MiniBatch batch;
  std::size_t all_answers = 0;
  std::int64_t counted = 0;
  for (const WeighedGroup& group : groups) {
    const PromptAnswers* begun = nullptr;  // of this group in the last micro-batch
    for (const WeighedAnswer& answer : group.answers) {
      ++all_answers;
      if (!answer.counts || answer.rollout->ids.empty()) continue;
      const auto length = static_cast<std::int64_t>(answer.rollout->ids.size());
      counted += length;
      if (answer.advantage == 0 && options_.loss.kl_weight == 0) continue;
      const auto prompt = static_cast<std::int64_t>(group.prompt->size());
      const bool full =
          !batch.micro_batches.empty() &&
          batch.micro_batches.back().tokens + length - 1 + (begun == nullptr ? prompt : 0) >
              options_.micro_batch_tokens;
      if (batch.micro_batches.empty() || full) {
        batch.micro_batches.emplace_back();
        begun = nullptr;
      }
      MicroBatch& micro = batch.micro_batches.back();
      if (begun == nullptr) {
        micro.groups.push_back({*group.prompt, {}});
        micro.tokens += prompt;
      }
      begun = &micro.groups.back();
      micro.groups.back().answers.push_back(answer.rollout->ids);
      micro.tokens += length - 1;
      micro.rollouts.push_back(answer.rollout);
      micro.answers.advantages.push_back(answer.advantage);
      micro.answers.lengths.push_back(length);
      const auto& old = answer.rollout->log_probabilities;
      micro.answers.old.insert(micro.answers.old.end(), old.begin(), old.end());
    }
  }
  std::size_t learning = 0;
  for (const MicroBatch& micro : batch.micro_batches) learning += micro.rollouts.size();
  for (MicroBatch& micro : batch.micro_batches) {
    micro.share = static_cast<double>(micro.rollouts.size()) / static_cast<double>(learning);
    micro.answers.lengths.resize(all_answers, 0);
    micro.answers.advantages.resize(all_answers, 0);
    micro.answers.counts.assign(micro.answers.old.size(), 1);
    micro.answers.batch_tokens = counted;
  }
  return batch;
}

/// The reference's log-probabilities.
void PolicyLearner::refer(MiniBatch& batch) const {
  if (options_.loss.kl_weight == 0) return;
  for (MicroBatch& micro : batch.micro_batches) {
    const GroupPass pass(model_, micro.groups);
    const Tensor numbers =
        pass.log_probabilities(distribution_of(micro.rollouts, options_.temperature));
    micro.answers.reference.assign(numbers.data(), numbers.data() + numbers.elements());
  }
}

/// Forward and backward of a micro-batch; `figures` are its own.
MicroLoss PolicyLearner::forward(const MicroBatch& micro, const PackedOptions& packing,
                                 bool compare, PolicyFigures& figures) const {
  const auto pass = std::make_shared<GroupPass>(model_, micro.groups, packing);
  const Tensor trained =
      pass->log_probabilities(distribution_of(micro.rollouts, options_.temperature));
  if (compare) {
    figures.mismatch_max = largest_difference(trained.numbers(), micro.answers.old);
    figures.compared_tokens = trained.elements();
  }
  const GrpoLoss loss = grpo_loss(trained, micro.answers, options_.loss);
  // Back from shares to counts: of tokens, or of answers, the empty ones included.
  const bool by_answer = options_.loss.ratio == RatioLevel::sequence;
  const auto tokens = static_cast<double>(trained.elements());
  const double counted = by_answer ? static_cast<double>(micro.answers.lengths.size()) : tokens;
  figures.grpo.clipped_low = counted * loss.figures.clipped_low;
  figures.grpo.clipped_high = counted * loss.figures.clipped_high;
  figures.grpo.mean_kl = tokens * loss.figures.mean_kl;
  return {loss.loss, pass};
}

void PolicyLearner::accumulate(const MiniBatch& batch, bool compare, PolicyFigures& figures) {
  std::vector<double> shares;
  for (const MicroBatch& micro : batch.micro_batches) shares.push_back(micro.share);
  std::vector<PolicyFigures> parts(shares.size());
  const auto losses = trainer_.accumulate(shares, [&](std::size_t i, const PackedOptions& packing) {
    return forward(batch.micro_batches[i], packing, compare, parts[i]);
  });
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const MicroBatch& micro = batch.micro_batches[i];
    figures.loss += losses[i];
    figures.mismatch_max = std::max(figures.mismatch_max, parts[i].mismatch_max);
    figures.compared_tokens += parts[i].compared_tokens;
    figures.grpo.clipped_low += parts[i].grpo.clipped_low;
    figures.grpo.clipped_high += parts[i].grpo.clipped_high;
    figures.grpo.mean_kl += parts[i].grpo.mean_kl;
    figures.tokens += micro.tokens;
    figures.learned_tokens += static_cast<std::int64_t>(micro.answers.old.size());
  }
}

PolicyFigures PolicyLearner::learn(std::span<const WeighedGroup> groups) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<MiniBatch> batches;
  const auto count = std::min(static_cast<std::size_t>(options_.minibatches), groups.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = groups.size() * i / count, end = groups.size() * (i + 1) / count;
    batches.push_back(minibatch(groups.subspan(first, end - first)));
  }
  if (options_.loss.kl_weight != 0) {
    const ReferencePolicy::Scope reference(*reference_);
    for (MiniBatch& batch : batches) refer(batch);
  }
  PolicyFigures figures;
  std::int64_t learned_answers = 0;
  for (std::int64_t epoch = 0; epoch < options_.epochs; ++epoch) {
    for (const MiniBatch& batch : batches) {
      if (batch.micro_batches.empty()) continue;
      accumulate(batch, figures.updates == 0, figures);
      for (const MicroBatch& micro : batch.micro_batches) {
        learned_answers += static_cast<std::int64_t>(micro.rollouts.size());
      }
      const UpdateFigures update = trainer_.update();
      ++figures.updates;
      figures.gradient_norm += update.gradient_norm;
      figures.learning_rate += update.learning_rate;
      figures.expert_load = update.expert_load;
    }
  }
  const auto divide = [](double& sum, std::int64_t by) {
    if (by > 0) sum /= static_cast<double>(by);
  };
  for (double* sum : {&figures.loss, &figures.gradient_norm, &figures.learning_rate}) {
    divide(*sum, figures.updates);
  }
  const bool by_answer = options_.loss.ratio == RatioLevel::sequence;
  for (double* sum : {&figures.grpo.clipped_low, &figures.grpo.clipped_high}) {
    divide(*sum, by_answer ? learned_answers : figures.learned_tokens);
  }
  divide(figures.grpo.mean_kl, figures.learned_tokens);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  figures.seconds = taken.count();
  return figures;
}

}  // namespace r1
