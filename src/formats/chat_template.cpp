#include "formats/chat_template.h"

#include "base/error.h"
#include "base/files.h"
#include "formats/jinja/interpreter.h"
#include "formats/jinja/parser.h"
#include "formats/jinja/python_text.h"
#include "formats/tokenizer.h"

namespace r1 {
ChatRequest ChatRequest::of(const Tokenizer& tokenizer) {
  const auto spelling = [&](std::optional<TokenId> id) {
    return id ? std::string(tokenizer.token_bytes(*id)) : std::string();
  };
  ChatRequest request;
  request.bos_token = spelling(tokenizer.bos());
  request.eos_token = spelling(tokenizer.eos());
  return request;
}

ChatTemplate::ChatTemplate(std::string_view text, std::string_view tool_use)
    : program_(jinja::parse(text)),
      tool_use_(tool_use.empty() ? nullptr : jinja::parse(tool_use)) {}

ChatTemplate ChatTemplate::of(const Tokenizer& tokenizer) {
  if (tokenizer.chat_template().empty()) {
    throw Error("chat template", "the model came with none", "give one with --chat-template");
  }
  return ChatTemplate(tokenizer.chat_template(), tokenizer.tool_use_template());
}

ChatTemplate ChatTemplate::read(const std::filesystem::path& path) {
  return ChatTemplate(read_file(path));
}

std::string ChatTemplate::render(const ChatRequest& request) const {
  if (!request.messages.is_array()) throw Error("messages", "must be a list");
  if (!request.tools.is_null() && !request.tools.is_array()) throw Error("tools", "must be a list");
  nlohmann::ordered_json variables = {
      {"messages", request.messages},   {"tools", request.tools},
      {"documents", nullptr},           {"add_generation_prompt", request.add_generation_prompt},
      {"bos_token", request.bos_token}, {"eos_token", request.eos_token}};
  if (request.extra.is_object()) {
    variables.update(request.extra);
  } else if (!request.extra.is_null()) {
    throw Error("extra", "must be an object of variables");
  }
  const bool with_tools = tool_use_ != nullptr && !request.tools.is_null();
  return jinja::Interpreter(with_tools ? *tool_use_ : *program_).render(variables);
}

bool begins_in_thinking(std::string_view prompt) {
  return jinja::strip_right(prompt).ends_with("<think>");
}

}  // namespace r1
