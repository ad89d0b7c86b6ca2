// What a response earns beside being right: form, language, length; and the sum of all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tasks/task.h"

namespace r1::tasks {

/// What a response must look like.
enum class ResponseForm : std::uint8_t {
  tags,  // R1-Zero: <think>...</think> <answer>...</answer> and nothing else
  chat,  // R1: <think>...</think>, then an answer with \boxed{}
};
/// 1 for a response in the form, else 0. Both parts must hold something, and each tag stand once.
/// The opening <think> may be missing where the prompt has written it.
double format_reward(ResponseForm form, std::string_view response);

/// The share of words that are in the language's script, as R1's language reward: "en" and other
/// languages with Latin letters, "zh" (Han), "ja", "ko", "ru", "ar", "hi", "el", "he", "th". A Han
/// or kana character counts as a word; formulas, numbers and LaTeX commands don't count, and a text
/// without words is 1. Throws Error for a language that isn't known.
double language_reward(std::string_view language, std::string_view text);

/// How a response's length in tokens counts.
struct LengthRule {
  enum class Kind : std::uint8_t {
    linear,    // 1 for no token, falling to 0 at `limit`
    overlong,  // DAPO's: 0 up to limit - margin, then falling to -1 at `limit`
  };
  Kind kind = Kind::overlong;
  std::size_t limit = 1024, margin = 256;  // tokens
};
double length_reward(const LengthRule& rule, std::size_t tokens);

/// The weights of a reward's parts. Parts of weight 0 aren't computed.
struct RewardSettings {
  double accuracy = 1, format = 0, language = 0, length = 0, command = 0;
  ResponseForm form = ResponseForm::chat;
  std::string language_name = "en";
  LengthRule length_rule;
  std::string command_line;        // the user's own reward (see reward_command.h)
  double command_time_limit = 10;  // seconds an answer
};

/// A response to be rewarded.
struct Attempt {
  const Instance& instance;
  std::string_view response;  // whole, with the "<think>" that the prompt has opened
  std::size_t tokens = 0;     // of the response
};

struct RewardParts {
  double accuracy = 0, format = 0, language = 0, length = 0, command = 0;
  double total = 0;  // the weighted sum
  bool correct = false;
};

class RewardCommand;

/// The weighted sum of the settings' parts.
class Reward {
 public:
  /// Throws Error for settings that make no sense and for a command that can't be started.
  explicit Reward(RewardSettings settings);
  ~Reward();
  RewardParts operator()(const Task& task, const Attempt& attempt);

 private:
  RewardSettings settings_;
  std::unique_ptr<RewardCommand> command_;
};

}  // namespace r1::tasks
