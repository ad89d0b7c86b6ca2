#include "serve/chat_prompt.h"

#include <utility>

#include "base/error.h"
#include "formats/json.h"
#include "serve/api_error.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

/// A text, or parts of which only texts are understood; null where there may be none.
Json read_content(const Fields& message, bool needed) {
  const Json* content = message.find("content");
  const std::string name = message.name_of("content");
  if (content == nullptr) {
    if (needed) throw ApiError(name, name + " is missing");
    return nullptr;
  }
  if (content->is_string()) return *content;
  if (!content->is_array()) throw ApiError(name, name + " must be a string or a list of parts");
  std::string text;
  for (std::size_t i = 0; i < content->size(); ++i) {
    const Fields part((*content)[i], name + "[" + std::to_string(i) + "]");
    if (part.text("type").value_or("text") != "text") {
      throw ApiError(part.name_of("type"), part.name_of("type") + " must be text");
    }
    const auto piece = part.text("text");
    if (!piece) throw ApiError(part.name_of("text"), part.name_of("text") + " is missing");
    text += *piece;
  }
  return text;
}

/// Templates that write the arguments as JSON want them as an object, others as a text.
Json read_tool_calls(const Json& calls, const std::string& name, bool as_objects) {
  Json result = Json::array();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::string at = name + "[" + std::to_string(i) + "]";
    const Fields call(calls[i], at);
    const Json* object = call.object("function");
    if (object == nullptr) throw ApiError(at + ".function", at + ".function is missing");
    const Fields function(*object, at + ".function");
    const auto function_name = function.text("name");
    if (!function_name) throw ApiError(at + ".function.name", at + ".function.name is missing");
    const std::string arguments = function.text("arguments").value_or("{}");
    Json given = arguments;
    if (as_objects) {
      try {
        given = parse_ordered_json(arguments, "arguments", 1000);
      } catch (const Error&) {
        throw ApiError(at + ".function.arguments", at + ".function.arguments is no JSON");
      }
    }
    result.push_back({{"id", call.text("id").value_or("")},
                      {"type", "function"},
                      {"function", {{"name", *function_name}, {"arguments", std::move(given)}}}});
  }
  return result;
}

Json read_message(const Json& json, const std::string& name, const ServedModel& model) {
  const Fields message(json, name);
  std::string role = message.text("role").value_or("");
  if (role == "developer") role = "system";
  if (role != "system" && role != "user" && role != "assistant" && role != "tool") {
    throw ApiError(name + ".role",
                   name + ".role must be system, developer, user, assistant or tool");
  }
  const Json* calls = role == "assistant" ? message.list("tool_calls") : nullptr;
  Json result = {{"role", role}, {"content", read_content(message, calls == nullptr)}};
  if (calls != nullptr && !calls->empty()) {
    const bool as_objects = model.template_text.find("arguments | tojson") != std::string::npos ||
                            model.template_text.find("arguments|tojson") != std::string::npos;
    result["tool_calls"] = read_tool_calls(*calls, name + ".tool_calls", as_objects);
  }
  for (const char* field : {"name", "tool_call_id"}) {
    if (const auto text = message.text(field)) result[field] = *text;
  }
  return result;
}

void read_prefix(const Json& json, const std::string& name, ChatPrompt& prompt) {
  const Fields message(json, name);
  if (!message.boolean("prefix").value_or(false)) return;
  if (message.text("role").value_or("") != "assistant") {
    throw ApiError(name + ".prefix", name + ".prefix is for the assistant's last message");
  }
  prompt.has_prefix = true;
  prompt.prefix_reasoning = message.text("reasoning_content").value_or("");
  const Json content = read_content(message, false);
  if (content.is_string()) prompt.prefix = content.get<std::string>();
}

void read_tools(const Fields& fields, const ServedModel& model, ChatPrompt& prompt) {
  const Json* tools = fields.list("tools");
  std::string choice = "auto";
  if (const Json* given = fields.find("tool_choice")) {
    choice = given->is_string() ? given->get<std::string>() : "";
    if (choice != "auto" && choice != "none") {
      throw ApiError("tool_choice", "tool_choice must be auto or none");
    }
  }
  if (tools == nullptr || tools->empty() || choice == "none") return;
  if (model.template_text.find("tools") == std::string::npos) {
    throw ApiError("tools", "the chat template of this model knows no tools");
  }
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const std::string name = "tools[" + std::to_string(i) + "]";
    const Json* function = Fields((*tools)[i], name).object("function");
    if (function == nullptr || !Fields(*function, name + ".function").text("name")) {
      throw ApiError(name + ".function.name", name + " must be a function with a name");
    }
  }
  prompt.request.tools = *tools;
}

}  // namespace

ChatPrompt read_chat(const Fields& fields, const ServedModel& model) {
  const Json* messages = fields.list("messages");
  if (messages == nullptr) throw ApiError("messages", "messages is missing");
  if (messages->empty()) throw ApiError("messages", "messages is empty");
  ChatPrompt prompt;
  prompt.request = ChatRequest::of(model.tokenizer);
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const std::string name = "messages[" + std::to_string(i) + "]";
    Json message = read_message((*messages)[i], name, model);
    if (i + 1 == messages->size()) read_prefix((*messages)[i], name, prompt);
    if (!prompt.has_prefix) prompt.request.messages.push_back(std::move(message));
  }
  read_tools(fields, model, prompt);
  prompt.request.extra = Json::object();
  if (const Json* extra = fields.object("chat_template_kwargs")) {
    for (const auto& [key, value] : extra->items()) prompt.request.extra[key] = value;
    if (const auto thinks = Fields(*extra, "chat_template_kwargs").boolean("enable_thinking")) {
      prompt.thinks = *thinks;
    }
  }
  return prompt;
}

ChatPrompt::Rendered ChatPrompt::render(const ChatTemplate& chat_template) const {
  ChatRequest rendered = request;
  rendered.extra["enable_thinking"] = thinks;
  std::string text;
  try {
    text = chat_template.render(rendered);
  } catch (const Error& error) {
    throw ApiError("messages",
                   std::string("the chat template refuses this (") + error.what() + ")");
  }
  bool in_thinking = begins_in_thinking(text);
  if (!in_thinking && !prefix_reasoning.empty()) {
    text += "<think>\n";
    in_thinking = true;
  }
  text += prefix_reasoning;
  // Some templates open the thinking whatever they are asked.
  if (in_thinking && (!thinks || !prefix.empty())) {
    text += "\n</think>\n\n";
    in_thinking = false;
  }
  return {text + prefix, in_thinking};
}

}  // namespace r1::serve
