#include "learn/scored_rollouts.h"

#include <algorithm>
#include <utility>

namespace r1 {

tasks::RewardSettings read_reward(const Section& section, QuestionOptions::Form form,
                                  std::int64_t max_tokens) {
  constexpr double kMost = 1e6;
  tasks::RewardSettings settings;
  const auto weight = [&](const char* key, double otherwise) {
    return section.number(key, otherwise, -kMost, kMost);
  };
  settings.accuracy = weight("accuracy", 1);
  settings.format = weight("format", 0);
  settings.language = weight("language", 0);
  settings.length = weight("length", 0);
  const bool tags = form == QuestionOptions::Form::r1_zero;
  settings.form = section.choice("form", tags ? "tags" : "chat", {"chat", "tags"}) == "tags"
                      ? tasks::ResponseForm::tags
                      : tasks::ResponseForm::chat;
  settings.language_name = section.text("language_name", settings.language_name);
  using Kind = tasks::LengthRule::Kind;
  settings.length_rule.kind =
      section.choice("length_rule", "overlong", {"overlong", "linear"}) == "linear"
          ? Kind::linear
          : Kind::overlong;
  const std::int64_t limit = section.integer("length_limit", max_tokens, 1, std::int64_t{1} << 30);
  settings.length_rule.limit = static_cast<std::size_t>(limit);
  settings.length_rule.margin =
      static_cast<std::size_t>(section.integer("length_margin", limit / 4, 0, limit));
  settings.command_line = section.text("command", "");
  settings.command = weight("command_weight", settings.command_line.empty() ? 0 : 1);
  if (settings.command != 0 && settings.command_line.empty()) {
    throw section.error("command_weight", "is for a command", "give command = \"...\"");
  }
  settings.command_time_limit =
      section.number("command_time_limit", settings.command_time_limit, 1e-3, 86400);
  return settings;
}

std::vector<ScoredGroup> scored_rollouts(const Model& model, const Tokenizer& tokenizer,
                                         std::vector<Question> questions, tasks::Reward& reward,
                                         const RolloutOptions& options, std::int64_t step,
                                         std::int64_t first_prompt, RolloutFigures& figures) {
  std::vector<std::vector<int>> prompts;
  prompts.reserve(questions.size());
  for (const Question& question : questions) prompts.push_back(question.prompt);
  auto groups = roll_out(model, tokenizer, prompts, options, step, first_prompt, &figures);
  std::vector<ScoredGroup> scored;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    ScoredGroup& one = scored.emplace_back();
    one.question = std::move(questions[i]);
    one.group = std::move(groups[i]);
    for (std::size_t answer = 0; answer < one.group.answers.size(); ++answer) {
      const std::string response = one.response(answer);
      one.rewards.push_back(reward(*one.question.task, {one.question.instance, response,
                                                        one.group.answers[answer].ids.size()}));
    }
  }
  return scored;
}

HeldOut held_out(const Model& model, const Tokenizer& tokenizer, const Questions& questions,
                 tasks::Reward& reward, RolloutOptions options, std::uint64_t seed,
                 std::int64_t count) {
  std::vector<Question> asked;
  for (std::int64_t i = 0; i < count; ++i) {
    asked.push_back(questions.ask(tasks::Split::test, seed, i));
  }
  options.group = 1;
  options.temperature = 0;
  RolloutFigures figures;
  HeldOut result;
  result.answers =
      scored_rollouts(model, tokenizer, std::move(asked), reward, options, 0, 0, figures);
  const auto right =
      std::count_if(result.answers.begin(), result.answers.end(),
                    [](const ScoredGroup& group) { return group.rewards[0].correct; });
  result.accuracy = static_cast<double>(right) / static_cast<double>(count);
  result.mean_length = static_cast<double>(figures.answer_tokens) / static_cast<double>(count);
  return result;
}

nlohmann::ordered_json sample_of(const ScoredGroup& group, std::size_t answer) {
  const tasks::RewardParts& parts = group.rewards[answer];
  return {{"task", group.question.task->name},
          {"prompt", group.question.prompt_text},
          {"answer", group.question.instance.answer},
          {"response", group.response(answer)},
          {"correct", parts.correct},
          {"reward", parts.total},
          {"tokens", group.group.answers[answer].ids.size()},
          {"truncated", group.group.answers[answer].truncated}};
}

}  // namespace r1
