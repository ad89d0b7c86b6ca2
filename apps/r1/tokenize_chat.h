// A conversation as the text and ids of a model's prompt.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "formats/chat_template.h"
#include "formats/tokenizer.h"

namespace r1::app {

/// Answers {"messages", "tools", "add_generation_prompt", "bos", "extra"}, of which only the first
/// is required: the prompt's text, or with `as_json` {"text", "ids"}, or {"error"} where the
/// template refuses.
std::string chat_answer(const Tokenizer& tokenizer, const ChatTemplate& chat_template,
                        const nlohmann::ordered_json& line, bool as_json);

}  // namespace r1::app
