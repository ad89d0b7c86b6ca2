#include "tasks/grading/boxes.h"

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "tasks/grading/prose.h"

namespace r1::grading {

std::vector<Box> boxes_in(std::string_view text, bool& unclosed) {
  std::vector<Box> boxes;
  unclosed = false;
  std::size_t at = 0;
  while ((at = text.find("box", at)) != std::string_view::npos) {
    std::size_t begin = std::string_view::npos, after = at + 3;
    if (at >= 2 && text.substr(at - 2, 2) == "\\f") begin = at - 2;
    if (at >= 1 && text[at - 1] == '\\' && text.substr(at).starts_with("boxed")) {
      begin = at - 1;
      after = at + 5;
    }
    at = after;
    if (begin == std::string_view::npos) continue;
    std::size_t open = after;
    while (open < text.size() && is_space(text[open])) ++open;
    if (open >= text.size()) continue;
    if (text[open] != '{') {
      // \boxed 5
      if (!is_digit(text[open])) continue;
      std::size_t end = open;
      while (end < text.size() && is_digit(text[end])) ++end;
      boxes.push_back({begin, end, text.substr(open, end - open)});
      continue;
    }
    const std::size_t close = closing_brace(text, open);
    if (close == std::string_view::npos) {
      unclosed = true;
      break;
    }
    unclosed = false;
    boxes.push_back({begin, close + 1, text.substr(open + 1, close - open - 1)});
    at = close + 1;
  }
  return boxes;
}

bool joins_boxes(std::string_view between) {
  static constexpr std::array<std::string_view, 12> kFillers = {
      "\\text{and}", "\\text{ and }", "\\text{or}", "\\text{ or }", "\\quad", "\\qquad",
      "\\)",         "\\(",           "and",        "or",           "\\,",    "\\;"};
  while (!between.empty()) {
    const auto* filler = std::find_if(kFillers.begin(), kFillers.end(),
                                      [&](std::string_view f) { return between.starts_with(f); });
    if (filler != kFillers.end()) {
      between.remove_prefix(filler->size());
    } else if (is_space(between[0]) || between[0] == '$' || between[0] == ',' ||
               between[0] == ';') {
      between.remove_prefix(1);
    } else {
      return false;
    }
  }
  return true;
}

std::string box_answer(std::string_view text, const std::vector<Box>& boxes) {
  std::size_t first = boxes.size() - 1;
  while (
      first > 0 && boxes[first].begin - boxes[first - 1].end < 60 &&
      joins_boxes(text.substr(boxes[first - 1].end, boxes[first].begin - boxes[first - 1].end))) {
    --first;
  }
  std::string answer;
  for (std::size_t i = first; i < boxes.size(); ++i) {
    if (!answer.empty()) answer += ", ";
    answer += trimmed(boxes[i].content);
  }
  // "$\boxed{20}$ percent" says so outside of the box.
  std::string_view after = text.substr(boxes.back().end);
  if (after.starts_with("$") || after.starts_with("\\)")) {
    after.remove_prefix(after[0] == '$' ? 1 : 2);
  }
  after = trimmed(after);
  const bool is_percentage =
      after.starts_with("percent") || after.starts_with("\\%") || after.starts_with("%");
  if (is_percentage) answer += " \\text{ percent}";
  return answer;
}

}  // namespace r1::grading
