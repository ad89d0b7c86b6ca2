// \boxed{...} and \fbox{...}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace r1::grading {

struct Box {
  std::size_t begin, end;  // of \boxed{...}
  std::string_view content;
};

/// All boxes that are closed and in no other box. `unclosed`: the last one isn't closed.
std::vector<Box> boxes_in(std::string_view text, bool& unclosed);
/// Whether only signs and "and" or "or" stand between two boxes or formulas, so that both are the
/// answer.
bool joins_boxes(std::string_view between);
/// What the last box holds, with those before it that are joined to it.
std::string box_answer(std::string_view text, const std::vector<Box>& boxes);

}  // namespace r1::grading
