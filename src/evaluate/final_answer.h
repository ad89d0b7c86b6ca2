// Where a response says its last word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1::evaluate {

/// What follows the last </think>; empty if a thought was begun and not ended.
std::string_view after_thinking(std::string_view response);
/// The content of the last \boxed{...} whose braces fit together.
std::optional<std::string_view> last_box(std::string_view text);
/// The content of the last fenced block of code, of `language` if one of those is there; all of the
/// text if it has no fence.
std::string_view last_code_block(std::string_view text, std::string_view language);

}  // namespace r1::evaluate
