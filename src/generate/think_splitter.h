// Separates a streamed answer into what the model thinks and what it says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1 {

/// Pieces of both parts; mostly one of them is empty.
struct AnswerPart {
  std::string reasoning, content;
};

/// Takes the text of an answer as it comes, cut anywhere, and gives each piece as soon as it is
/// clear where it belongs. The thinking reaches from <think>, which the prompt may have opened
/// already, to the first </think>; tags in the rest are ordinary text. White space beside the tags
/// belongs to neither part.
class ThinkSplitter {
 public:
  /// `begins_in_thinking`: the prompt has opened the thinking (see chat_template.h).
  explicit ThinkSplitter(bool begins_in_thinking) : begins_in_thinking_(begins_in_thinking) {}
  AnswerPart push(std::string_view text);
  /// The end of the answer: what still waits.
  AnswerPart flush();
  /// Whether what comes next belongs to the thinking, as far as known.
  bool thinking() const {
    return state_ == State::thinking || (state_ == State::start && begins_in_thinking_);
  }

 private:
  enum class State : std::uint8_t { start, thinking, answering };
  void leave_start();
  void think(AnswerPart& part);
  void answer(AnswerPart& part);

  bool begins_in_thinking_;
  State state_ = State::start;
  bool trims_ = false;   // white space at the front of `pending_` follows a tag
  std::string pending_;  // not yet given out
};

}  // namespace r1
