// Groups of answers to questions of tasks, with what each answer earns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/questions.h"
#include "learn/rollouts.h"
#include "tasks/rewards.h"

namespace r1 {

struct ScoredGroup {
  Question question;
  RolloutGroup group;
  std::vector<tasks::RewardParts> rewards;  // of each answer

  /// What the reward saw of an answer: with the opened "<think>".
  std::string response(std::size_t answer) const {
    return question.opened + group.answers[answer].text;
  }
};

/// The weights and settings of a [stage.reward] section: keys accuracy, format, language, length,
/// command (the weights), form ("chat" or "tags"), language_name, length_rule ("overlong" or
/// "linear"), length_limit, length_margin, command_line, command_time_limit. `max_tokens` is the
/// limit of lengths where none is given.
tasks::RewardSettings read_reward(const Section& section, QuestionOptions::Form form,
                                  std::int64_t max_tokens);

/// Rolls out the questions and judges the answers.
std::vector<ScoredGroup> scored_rollouts(const Model& model, const Tokenizer& tokenizer,
                                         std::vector<Question> questions, tasks::Reward& reward,
                                         const RolloutOptions& options, std::int64_t step,
                                         std::int64_t first_prompt, RolloutFigures& figures);

/// Share of right greedy answers to questions of the test side, and some to read.
struct HeldOut {
  double accuracy = 0;
  double mean_length = 0;  // tokens
  std::vector<ScoredGroup> answers;
};
/// The first `count` questions under `seed`, by the model as it is.
HeldOut held_out(const Model& model, const Tokenizer& tokenizer, const Questions& questions,
                 tasks::Reward& reward, RolloutOptions options, std::uint64_t seed,
                 std::int64_t count);

/// An answer as an object to read: question, answer, response, reward and its parts.
nlohmann::ordered_json sample_of(const ScoredGroup& group, std::size_t answer);

}  // namespace r1
