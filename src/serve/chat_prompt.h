// The prompt of a conversation.
#pragma once

#include <string>

#include "formats/chat_template.h"
#include "serve/completion_request.h"
#include "serve/fields.h"

namespace r1::serve {

struct ChatPrompt {
  ChatRequest request;
  bool thinks = true;
  /// An answer begun already, which the model goes on with; with its thinking.
  bool has_prefix = false;
  std::string prefix, prefix_reasoning;

  struct Rendered {
    std::string text;
    bool in_thinking;  // the answer goes on with thinking
  };
  /// Throws ApiError if the template refuses the conversation.
  Rendered render(const ChatTemplate& chat_template) const;
};

/// Reads messages, tools and chat_template_kwargs. Earlier thinking is left out, as DeepSeek does.
/// Throws ApiError naming the field.
ChatPrompt read_chat(const Fields& fields, const ServedModel& model);

}  // namespace r1::serve
