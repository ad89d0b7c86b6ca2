#include "learn/rollouts.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/memory.h"
#include "base/tensor.h"
#include "generate/engine.h"

namespace r1 {
namespace {

constexpr std::int64_t kMostSteps = std::int64_t{1} << 24, kMostPrompts = kMostSteps,
                       kMostAnswers = std::int64_t{1} << 16;

GenerateOptions generate_options(const RolloutOptions& options) {
  GenerateOptions generate;
  generate.sampling = {.temperature = options.temperature,
                       .top_k = options.top_k,
                       .top_p = options.top_p,
                       .min_p = options.min_p,
                       .seed = options.seed};
  generate.max_tokens = options.max_tokens;
  generate.stop = options.stop;
  generate.report_kept = true;
  return generate;
}

/// Room for all sequences that run together, and for a prompt that the next ones share; at most
/// half of the memory that is free.
std::int64_t cache_tokens(const Model& model, std::span<const std::vector<int>> prompts,
                          const RolloutOptions& options) {
  std::size_t longest = 0;
  for (const auto& prompt : prompts) longest = std::max(longest, prompt.size());
  const auto tokens = static_cast<std::int64_t>(longest) + options.max_tokens;
  const std::int64_t pages = tokens / kPagePositions + 1;
  const std::int64_t answers = static_cast<std::int64_t>(prompts.size()) * options.group;
  const std::int64_t wanted = (std::min(options.sequences, answers) + 2) * pages;
  const std::int64_t fit = available_memory() / 2 / model.cache_shape().page_bytes();
  return std::max<std::int64_t>(1, std::min(wanted, fit)) * kPagePositions;
}

Rollout rollout_of(Answer answer, const Tokenizer& tokenizer) {
  Rollout rollout;
  rollout.ids = std::move(answer.ids);
  for (const Sample& sample : answer.samples) {
    rollout.log_probabilities.push_back(sample.logprob);
    rollout.kept.add(sample.kept);
  }
  // The model may have more rows than the tokenizer has tokens.
  std::vector<int> known;
  std::copy_if(rollout.ids.begin(), rollout.ids.end(), std::back_inserter(known),
               [&](int id) { return id < tokenizer.vocab_size(); });
  rollout.text = tokenizer.decode(known, {.skip_special = true, .continuation = true});
  rollout.truncated = answer.finish_reason == "length";
  return rollout;
}

}  // namespace

void RolloutOptions::check() const {
  generate_options(*this).check();
  if (top_k == 1) throw Error("top_k", "must not be 1, which leaves nothing to draw");
  if (group < 1 || group > kMostAnswers) {
    throw Error("group", "must be from 1 to " + std::to_string(kMostAnswers));
  }
  if (sequences < 1) throw Error("sequences", "must be 1 or more");
}

std::uint64_t rollout_stream(std::int64_t step, std::int64_t prompt, std::int64_t answer) {
  const bool fits = 0 <= step && step < kMostSteps && 0 <= prompt && prompt < kMostPrompts &&
                    0 <= answer && answer < kMostAnswers;
  if (!fits) throw Error("rollouts", "are too many for their random numbers");
  return static_cast<std::uint64_t>((step * kMostPrompts + prompt) * kMostAnswers + answer);
}

std::vector<RolloutGroup> roll_out(const Model& model, const Tokenizer& tokenizer,
                                   std::span<const std::vector<int>> prompts,
                                   const RolloutOptions& options, std::int64_t step,
                                   std::int64_t first_prompt, RolloutFigures* figures) {
  options.check();
  const auto begin = std::chrono::steady_clock::now();
  // What training kept would lie idle beside the cache.
  release_tensor_memory();
  const std::int64_t cache = cache_tokens(model, prompts, options);
  // An engine of its own: it remembers nothing of earlier weights and gives its memory back.
  Engine engine(std::shared_ptr<const Model>(std::shared_ptr<void>(), &model), tokenizer,
                {.chunk = options.chunk,
                 .cache_tokens = cache,
                 .kept_tokens = cache / 2,
                 .sequences = options.sequences});
  std::vector<Request> requests;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto number = first_prompt + static_cast<std::int64_t>(i);
    rollout_stream(step, number, options.group - 1);
    requests.push_back({.prompt = prompts[i],
                        .options = generate_options(options),
                        .count = static_cast<std::size_t>(options.group),
                        .first_stream = rollout_stream(step, number, 0)});
  }
  auto answers = engine.generate_groups(std::move(requests));
  std::vector<RolloutGroup> groups;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    RolloutGroup& group = groups.emplace_back();
    group.prompt = prompts[i];
    for (Answer& answer : answers[i])
      group.answers.push_back(rollout_of(std::move(answer), tokenizer));
  }
  if (figures == nullptr) return groups;
  for (const RolloutGroup& group : groups) {
    figures->prompt_tokens += static_cast<std::int64_t>(group.prompt.size());
    for (const Rollout& answer : group.answers) {
      figures->answer_tokens += static_cast<std::int64_t>(answer.ids.size());
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  figures->seconds += taken.count();
  return groups;
}

TokenDistribution distribution_of(std::span<const Rollout* const> answers, double temperature) {
  TokenDistribution distribution;
  distribution.temperature = temperature;
  const auto kept = std::make_shared<KeptTokens>();
  bool cut = false;
  for (const Rollout* answer : answers) {
    for (std::int64_t i = 0; i < answer->kept.tokens(); ++i) {
      kept->add(answer->kept.of(i));
      cut |= !answer->kept.of(i).empty();
    }
  }
  if (cut) distribution.kept = kept;
  return distribution;
}

}  // namespace r1
