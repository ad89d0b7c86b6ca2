// The judge of answers: whether a model's answer says the same as the right one.
#pragma once

#include <string>
#include <string_view>

namespace r1 {

struct Grade {
  bool equal;
  std::string extracted;  // the final answer found in the prediction
  std::string reason;     // why it was judged so, in a few words
};

/// Extracts the final answer from both texts, each of which may be a bare answer or a whole
/// response, and compares. Equal means proven equal (or the same words); what can't be decided
/// within bounded time and memory isn't equal. Nothing in either text is executed.
Grade grade_answer(std::string_view gold, std::string_view prediction);

}  // namespace r1
