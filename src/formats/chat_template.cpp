#include "formats/chat_template.h"

#include "base/error.h"
#include "base/files.h"
#include "formats/gguf.h"
#include "formats/jinja/interpreter.h"
#include "formats/jinja/parser.h"
#include "formats/jinja/python_text.h"
#include "formats/json.h"

namespace r1 {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view remedy = "give another template with --chat-template";

ChatTemplate from_gguf(const std::filesystem::path& path) {
  const Gguf file = Gguf::open(path);
  const std::string* text = file.metadata().text("tokenizer.chat_template");
  if (text == nullptr) throw Error(path.string(), "the model has no chat template", remedy);
  const std::string* tool_use = file.metadata().text("tokenizer.chat_template.tool_use");
  return ChatTemplate(*text, tool_use == nullptr ? std::string_view() : *tool_use);
}

ChatTemplate from_named(const nlohmann::json& list, const std::string& where) {
  std::string text, tool_use;
  for (const nlohmann::json& entry : list) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() ||
        !entry.contains("template") || !entry["template"].is_string()) {
      throw Error(where, "chat_template is a list of something else than named templates");
    }
    if (entry["name"] == "default") text = entry["template"].get<std::string>();
    if (entry["name"] == "tool_use") tool_use = entry["template"].get<std::string>();
  }
  if (text.empty()) throw Error(where, "no chat template has the name 'default'", remedy);
  return ChatTemplate(text, tool_use);
}

ChatTemplate from_folder(const std::filesystem::path& folder) {
  if (const auto file = folder / "chat_template.jinja"; std::filesystem::exists(file)) {
    return ChatTemplate(read_file(file));
  }
  const auto file = folder / "tokenizer_config.json";
  if (!std::filesystem::exists(file)) {
    throw Error(folder.string(), "the model has no chat template", remedy);
  }
  const nlohmann::json config = read_json(file);
  if (!config.is_object() || !config.contains("chat_template")) {
    throw Error(file.string(), "the model has no chat template", remedy);
  }
  const nlohmann::json& found = config["chat_template"];
  if (found.is_string()) return ChatTemplate(found.get_ref<const std::string&>());
  if (found.is_array()) return from_named(found, file.string());
  throw Error(file.string(), "chat_template is neither a text nor a list");
}

}  // namespace

ChatTemplate::ChatTemplate(std::string_view text, std::string_view tool_use)
    : program_(jinja::parse(text)),
      tool_use_(tool_use.empty() ? nullptr : jinja::parse(tool_use)) {}

std::string ChatTemplate::render(const ChatRequest& request) const {
  if (!request.messages.is_array()) throw Error("messages", "must be a list");
  if (!request.tools.is_null() && !request.tools.is_array()) throw Error("tools", "must be a list");
  ordered_json variables = {
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

ChatTemplate load_chat_template(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return from_folder(path);
  if (path.extension() == ".jinja") return ChatTemplate(read_file(path));
  return from_gguf(path);
}

bool begins_in_thinking(std::string_view prompt) {
  return jinja::strip_right(prompt).ends_with("<think>");
}

}  // namespace r1
