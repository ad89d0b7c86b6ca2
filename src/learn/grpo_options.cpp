#include "learn/grpo_options.h"

#include <algorithm>

namespace r1 {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 40;
constexpr std::int64_t kMostPrompts = std::int64_t{1} << 16, kMostAnswers = std::int64_t{1} << 16;

/// Sets what the papers of the variants say; the recipe may change it again.
void set_variant(const std::string& variant, GrpoStageOptions& options) {
  GrpoOptions& loss = options.policy.loss;
  if (variant == "dapo") {
    loss.clip_high = 0.28;
    loss.mean = TokenMean::batch;
    options.more_prompts = 4;
    options.truncated = Truncated::mask;
  } else if (variant == "dr_grpo") {
    loss.mean = TokenMean::longest;
    options.advantages = AdvantageRule::none;
  } else if (variant == "gspo") {
    loss.ratio = RatioLevel::sequence;
    loss.clip_low = 3e-4;
    loss.clip_high = 4e-4;
  }
}

template <typename Kind>
Kind chosen(const Section& section, const char* key, Kind otherwise,
            const std::vector<std::pair<std::string, Kind>>& kinds) {
  std::vector<std::string> names;
  std::string name;
  for (const auto& [text, kind] : kinds) {
    names.push_back(text);
    if (kind == otherwise) name = text;
  }
  const std::string picked = section.choice(key, name, names);
  return std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == picked; })
      ->second;
}

void read_loss(const Section& section, GrpoOptions& loss) {
  loss.clip_low = section.number("clip_low", loss.clip_low, 0, 1);
  loss.clip_high = section.number("clip_high", loss.clip_high, 0, 1e6);
  loss.ratio =
      chosen<RatioLevel>(section, "ratio", loss.ratio,
                         {{"token", RatioLevel::token}, {"sequence", RatioLevel::sequence}});
  if (section.has("ratio_limit")) loss.ratio_limit = section.number("ratio_limit", 1, 1e6);
  loss.mean = chosen<TokenMean>(section, "mean", loss.mean,
                                {{"answer", TokenMean::answer},
                                 {"batch", TokenMean::batch},
                                 {"longest", TokenMean::longest}});
  loss.kl_weight = section.number("kl_weight", loss.kl_weight, 0, 1e3);
}

}  // namespace

RolloutOptions read_rollouts(const Section& section, const ModelConfig& model,
                             const RolloutOptions& otherwise) {
  RolloutOptions options = otherwise;
  options.max_tokens =
      section.integer("max_tokens", std::min(otherwise.max_tokens, model.context_length / 2), 1,
                      model.context_length - 1);
  options.group = section.integer("group", otherwise.group, 1, kMostAnswers);
  options.temperature = section.number("temperature", otherwise.temperature, 1e-3, 100);
  options.top_p = section.number("top_p", otherwise.top_p, 1e-6, 1);
  options.top_k = static_cast<int>(section.integer("top_k", otherwise.top_k, 0, 1 << 30));
  if (options.top_k == 1)
    throw section.error("top_k", "must not be 1, which leaves nothing to draw");
  options.min_p = section.number("min_p", otherwise.min_p, 0, 1);
  if (section.has("stop")) options.stop = section.texts("stop");
  for (const std::string& text : options.stop) {
    if (text.empty()) throw section.error("stop", "is an empty text");
  }
  options.sequences = section.integer("sequences", otherwise.sequences, 1, 1 << 16);
  return options;
}

GrpoStageOptions GrpoStageOptions::read(const Section& section, const ModelConfig& model) {
  GrpoStageOptions options;
  options.trainer.optimizer.weight_decay = 0;
  options.trainer.optimizer.beta2 = 0.99;
  options.trainer.schedule.highest = 1e-6;
  options.trainer.explosion = 0;  // the loss is small and of both signs
  set_variant(section.choice("variant", "grpo", {"grpo", "dapo", "dr_grpo", "gspo"}), options);
  options.questions = QuestionOptions::read(section);
  options.rollouts = read_rollouts(section, model, options.rollouts);
  options.questions.longest_prompt = model.context_length - options.rollouts.max_tokens;
  options.reward =
      read_reward(section.table("reward"), options.questions.form, options.rollouts.max_tokens);
  PolicyOptions& policy = options.policy;
  read_loss(section, policy.loss);
  policy.loss.longest_answer = options.rollouts.max_tokens;
  policy.temperature = options.rollouts.temperature;
  policy.epochs = section.integer("epochs", policy.epochs, 1, 1000);
  policy.minibatches = section.integer("minibatches", policy.minibatches, 1, kMostPrompts);
  policy.micro_batch_tokens =
      section.integer("micro_batch_tokens", policy.micro_batch_tokens, 2, kMost);
  options.advantages = chosen<AdvantageRule>(section, "advantages", options.advantages,
                                             {{"group", AdvantageRule::group},
                                              {"batch", AdvantageRule::batch},
                                              {"none", AdvantageRule::none},
                                              {"paper", AdvantageRule::paper}});
  options.truncated = chosen<Truncated>(
      section, "truncated", options.truncated,
      {{"count", Truncated::count}, {"mask", Truncated::mask}, {"wrong", Truncated::wrong}});
  options.steps = section.integer("steps", 1, kMost);
  options.prompts = section.integer("prompts", options.prompts, 1, kMostPrompts);
  if (policy.minibatches > options.prompts) {
    throw section.error("minibatches", "are more than the prompts of a step");
  }
  options.more_prompts = section.integer("more_prompts", options.more_prompts, 0, 100);
  options.renew_reference = section.integer("renew_reference", 0, 0, kMost);
  if (options.renew_reference > 0 && policy.loss.kl_weight == 0) {
    throw section.error("renew_reference", "is for runs with a kl_weight");
  }
  options.evaluate_every = section.integer("evaluate_every", options.evaluate_every, 1, kMost);
  options.evaluation_questions =
      section.integer("evaluation_questions", options.evaluation_questions, 0, kMostPrompts);
  options.samples = section.integer("samples", options.samples, 0, kMostAnswers);
  options.trainer = TrainerOptions::read(section, model, options.trainer);
  return options;
}

}  // namespace r1
