#include "evaluate/final_answer.h"

#include <algorithm>

namespace r1::evaluate {

std::string_view after_thinking(std::string_view response) {
  constexpr std::string_view kEnd = "</think>";
  const std::size_t end = response.rfind(kEnd);
  if (end != std::string_view::npos) return response.substr(end + kEnd.size());
  return response.find("<think>") == std::string_view::npos ? response : std::string_view();
}

std::optional<std::string_view> last_box(std::string_view text) {
  constexpr std::string_view kBox = "\\boxed{";
  for (std::size_t at = text.rfind(kBox); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind(kBox, at - 1)) {
    int depth = 1;
    const std::size_t begin = at + kBox.size();
    for (std::size_t i = begin; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '{') {
        ++depth;
      } else if (text[i] == '}' && --depth == 0) {
        return text.substr(begin, i - begin);
      }
    }
  }
  return std::nullopt;
}

std::string_view last_code_block(std::string_view text, std::string_view language) {
  constexpr std::string_view kFence = "```";
  std::optional<std::string_view> of_language, any;
  std::size_t at = text.find(kFence);
  while (at != std::string_view::npos) {
    const std::size_t line_end = text.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::string_view label = text.substr(at + kFence.size(), line_end - at - kFence.size());
    const std::size_t close = text.find("\n```", line_end);
    // An answer that was cut off has no closing fence.
    const std::size_t end = close == std::string_view::npos ? text.size() : close + 1;
    const std::string_view code =
        text.substr(line_end + 1, std::max(end, line_end + 1) - line_end - 1);
    any = code;
    if (label.substr(0, language.size()) == language) of_language = code;
    at = close == std::string_view::npos ? close : text.find(kFence, close + 4);
  }
  return of_language ? *of_language : any ? *any : text;
}

}  // namespace r1::evaluate
