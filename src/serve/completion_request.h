// What a client asks for, checked and turned into what the engine takes.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/chat_template.h"
#include "generate/engine.h"

namespace r1::serve {

/// The model behind the server.
struct ServedModel {
  std::string id;
  std::vector<std::string> aliases;
  Tokenizer tokenizer;
  std::optional<ChatTemplate> chat_template;  // none: no chats
  std::string template_text;                  // to see what it knows
  GenerateOptions defaults;
  std::int64_t context_length = 0;
  std::shared_ptr<const TokenTree> tree;  // of the tokenizer, for answers with a grammar

  bool is_called(const std::string& name) const;
};

struct CompletionRequest {
  bool chat = false, stream = false, include_usage = false;
  bool logprobs = false;
  int top_logprobs = 0;
  bool tools = false;               // tool calls are looked for in the answers
  std::string model{};              // as the client named it
  std::vector<Request> requests{};  // one a prompt
  std::vector<std::string> echo{};  // texts to begin each prompt's answers with
};

/// The body of a request for an answer: of /chat/completions or of /completions. Throws ApiError
/// naming the field that is wrong.
CompletionRequest parse_chat_request(std::string_view body, const ServedModel& model);
CompletionRequest parse_text_request(std::string_view body, const ServedModel& model);

}  // namespace r1::serve
