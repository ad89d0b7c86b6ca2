#include "tokenize_chat.h"

#include "base/error.h"

namespace r1::app {
namespace {

using nlohmann::ordered_json;

ChatRequest request_of(const Tokenizer& tokenizer, const ordered_json& line) {
  if (!line.is_object()) throw Error("chat", "a line is no object with \"messages\"");
  ChatRequest request = ChatRequest::of(tokenizer);
  request.messages = line.value("messages", ordered_json());
  request.tools = line.value("tools", ordered_json());
  request.extra = line.value("extra", ordered_json());
  if (const ordered_json bos = line.value("bos", ordered_json()); bos.is_string()) {
    request.bos_token = bos.get<std::string>();
  }
  const ordered_json prompt = line.value("add_generation_prompt", ordered_json(true));
  if (!prompt.is_boolean()) throw Error("add_generation_prompt", "must be true or false");
  request.add_generation_prompt = prompt.get<bool>();
  return request;
}

}  // namespace

std::string chat_answer(const Tokenizer& tokenizer, const ChatTemplate& chat_template,
                        const ordered_json& line, bool as_json) {
  ordered_json answer;
  try {
    answer["text"] = chat_template.render(request_of(tokenizer, line));
  } catch (const Error& error) {
    if (!as_json) throw;
    answer["error"] = error.what();
  }
  if (!as_json) return answer["text"].get<std::string>();
  if (answer.contains("text")) {
    // The template wrote the special tokens, BOS among them.
    answer["ids"] = tokenizer.encode(answer["text"].get_ref<const std::string&>(),
                                     {.add_special = false, .parse_special = true});
  }
  // All but ASCII is escaped: some readers would split a line at U+0085 or U+2028.
  return answer.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

}  // namespace r1::app
