#include "generate/think_splitter.h"

#include <algorithm>

namespace r1 {
namespace {

constexpr std::string_view opening = "<think>", closing = "</think>", white_space = " \t\r\n";

std::size_t leading_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  return first == std::string_view::npos ? text.size() : first;
}

std::string_view without_trailing_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

/// Without an end that may be the beginning of the closing tag, and white space before it.
std::string_view surely_reasoning(std::string_view text) {
  for (std::size_t size = std::min(closing.size() - 1, text.size()); size > 0; --size) {
    if (text.ends_with(closing.substr(0, size))) {
      text.remove_suffix(size);
      break;
    }
  }
  return without_trailing_space(text);
}

}  // namespace

void ThinkSplitter::leave_start() {
  const std::string_view rest = std::string_view(pending_).substr(leading_space(pending_));
  if (rest.starts_with(opening)) {
    pending_.erase(0, pending_.size() - rest.size() + opening.size());
    state_ = State::thinking;
    trims_ = true;
  } else if (!opening.starts_with(rest)) {
    state_ = begins_in_thinking_ ? State::thinking : State::answering;
    trims_ = begins_in_thinking_;
  }
}

void ThinkSplitter::think(AnswerPart& part) {
  if (trims_) {
    pending_.erase(0, leading_space(pending_));
    trims_ = pending_.empty();
  }
  const std::size_t end = pending_.find(closing);
  if (end == std::string::npos) {
    const std::size_t size = surely_reasoning(pending_).size();
    part.reasoning.append(pending_, 0, size);
    pending_.erase(0, size);
    return;
  }
  part.reasoning += without_trailing_space(std::string_view(pending_).substr(0, end));
  pending_.erase(0, end + closing.size());
  state_ = State::answering;
  trims_ = true;
}

void ThinkSplitter::answer(AnswerPart& part) {
  if (trims_) {
    pending_.erase(0, leading_space(pending_));
    trims_ = pending_.empty();
  }
  part.content += pending_;
  pending_.clear();
}

AnswerPart ThinkSplitter::push(std::string_view text) {
  pending_ += text;
  AnswerPart part;
  if (state_ == State::start) leave_start();
  if (state_ == State::thinking) think(part);
  if (state_ == State::answering) answer(part);
  return part;
}

AnswerPart ThinkSplitter::flush() {
  AnswerPart part;
  (thinking() ? part.reasoning : part.content).swap(pending_);
  return part;
}

}  // namespace r1
