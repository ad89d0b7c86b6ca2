#include "learn/document_maker.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/error.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

constexpr EncodeOptions kInside = {.add_special = false, .parse_special = true};
constexpr std::string_view kThoughtBegin = "<think>\n", kThoughtEnd = "</think>";

std::string text_of(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = object.at(key);
  if (!value.is_string()) throw Error(where, "\"" + key + "\" is no text");
  return value.get<std::string>();
}

bool is_assistant(const Json& message) {
  const auto role = message.find("role");
  return role != message.end() && *role == "assistant";
}

void check_messages(const Json& messages, const std::string& where) {
  if (!messages.is_array() || messages.empty()) throw Error(where, "has no list of messages");
  bool answered = false;
  for (const Json& message : messages) {
    if (!message.is_object() || !message.contains("role")) {
      throw Error(where, "has a message without a role");
    }
    answered = answered || is_assistant(message);
  }
  if (!answered) throw Error(where, "has no message of the assistant to learn from");
}

/// What the assistant wrote in a turn, thoughts included.
std::string whole_content(const Json& message, const std::string& where) {
  const auto content = message.find("content");
  if (content == message.end() || !content->is_string()) {
    throw Error(where, "has a message of the assistant whose content is no text",
                "this template can't be learned with such messages");
  }
  const auto thoughts = message.find("reasoning_content");
  if (thoughts == message.end() || !thoughts->is_string()) return content->get<std::string>();
  return std::string(kThoughtBegin) + thoughts->get<std::string>() + "\n" +
         std::string(kThoughtEnd) + "\n\n" + content->get<std::string>();
}

/// What a template writes after a turn's content, its last visible part.
std::string end_of_turn(const std::string& rendered, const std::string& content,
                        const std::string& otherwise) {
  const std::size_t thought = content.rfind(kThoughtEnd);
  std::string visible =
      thought == std::string::npos ? content : content.substr(thought + kThoughtEnd.size());
  constexpr const char* kSpace = " \t\r\n";
  visible.erase(0, visible.find_first_not_of(kSpace));
  visible.erase(visible.find_last_not_of(kSpace) + 1);
  const std::size_t at = visible.empty() ? std::string::npos : rendered.rfind(visible);
  return at == std::string::npos ? otherwise : rendered.substr(at + visible.size());
}

}  // namespace

DocumentMaker::DocumentMaker(Tokenizer tokenizer, std::optional<ChatTemplate> chat_template,
                             DocumentOptions options)
    : tokenizer_(std::move(tokenizer)),
      template_(std::move(chat_template)),
      options_(std::move(options)) {}

std::string DocumentMaker::render(const Json& messages, const Json& tools, std::size_t count,
                                  bool prompt) const {
  ChatRequest request = ChatRequest::of(tokenizer_);
  for (std::size_t i = 0; i < count; ++i) request.messages.push_back(messages[i]);
  request.tools = tools;
  request.add_generation_prompt = prompt;
  assert(template_);
  return template_->render(request);
}

std::vector<DocumentMaker::Parts> DocumentMaker::conversation(const Json& messages,
                                                              const Json& tools,
                                                              const std::string& where) const {
  check_messages(messages, where);
  if (!template_) {
    throw Error(where, "holds a conversation, and the model has no chat template",
                "give one: [model] chat_template");
  }
  const std::string whole = render(messages, tools, messages.size(), false);
  Parts parts;
  std::size_t at = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_assistant(messages[i])) continue;
    const std::string before = render(messages, tools, i, true);
    const std::string after = render(messages, tools, i + 1, false);
    const bool same = whole.starts_with(after) && after.starts_with(before) && before.size() >= at;
    if (!same || messages[i].contains("reasoning_content")) {
      return turns_apart(messages, tools, where);
    }
    parts.push_back({whole.substr(at, before.size() - at), options_.learn_all});
    parts.push_back({after.substr(before.size()), true});
    at = after.size();
  }
  return {parts};
}

std::vector<DocumentMaker::Parts> DocumentMaker::turns_apart(const Json& messages,
                                                             const Json& tools,
                                                             const std::string& where) const {
  std::vector<Parts> documents;
  const auto eos_id = tokenizer_.eos();
  const std::string eos = eos_id ? std::string(tokenizer_.token_bytes(*eos_id)) : std::string();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_assistant(messages[i])) continue;
    const std::string before = render(messages, tools, i, true);
    std::string content = whole_content(messages[i], where);
    const std::string end = end_of_turn(render(messages, tools, i + 1, false), content, eos);
    if (before.ends_with(kThoughtBegin) && content.starts_with(kThoughtBegin)) {
      content.erase(0, kThoughtBegin.size());
    }
    // Earlier answers stand here without their thoughts: to answer so is never learned.
    documents.push_back({{before, options_.learn_all && documents.empty()}, {content + end, true}});
  }
  return documents;
}

TokenizedDocument DocumentMaker::tokenize(const Parts& parts) const {
  TokenizedDocument document;
  for (const Part& part : parts) {
    const std::vector<int> ids = tokenizer_.encode(part.text, kInside);
    // What a template writes after the end of a turn is not the model's to say.
    const auto last = std::find_if(ids.rbegin(), ids.rend(),
                                   [&](int id) { return tokenizer_.ends_generation(id); });
    const auto said = last == ids.rend() ? ids.size() : static_cast<std::size_t>(ids.rend() - last);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      document.ids.push_back(ids[i]);
      document.counts.push_back(part.learned && (options_.learn_all || i < said) ? 1 : 0);
    }
  }
  return document;
}

TokenizedDocument DocumentMaker::tokenize_plain(const std::string& prompt,
                                                const std::string& learned) const {
  TokenizedDocument document;
  const auto add_ids = [&](const std::vector<int>& ids, bool counts) {
    document.ids.insert(document.ids.end(), ids.begin(), ids.end());
    document.counts.insert(document.counts.end(), ids.size(), counts ? 1 : 0);
  };
  add_ids(tokenizer_.data().prefix, options_.learn_all);  // BOS, mostly
  add_ids(tokenizer_.encode(prompt, kInside), options_.learn_all);
  add_ids(tokenizer_.encode(learned, kInside), true);
  if (const auto eos = tokenizer_.eos()) add_ids({*eos}, true);
  return document;
}

/// Adds what is not longer than allowed and has something to predict.
void DocumentMaker::add(TokenizedDocument document, TokenizedLine& line) const {
  const auto longest = static_cast<std::size_t>(options_.longest);
  if (document.ids.size() > longest && !options_.cut) ++line.truncated;
  for (std::size_t at = 0; at == 0 || (options_.cut && at < document.ids.size()); at += longest) {
    const auto begin = static_cast<std::ptrdiff_t>(at);
    const auto end = static_cast<std::ptrdiff_t>(std::min(document.ids.size(), at + longest));
    TokenizedDocument piece = {{document.ids.begin() + begin, document.ids.begin() + end},
                               {document.counts.begin() + begin, document.counts.begin() + end}};
    // The first token is given, never predicted.
    const bool teaches =
        piece.counts.size() > 1 &&
        std::find(piece.counts.begin() + 1, piece.counts.end(), 1) != piece.counts.end();
    if (teaches) {
      line.documents.push_back(std::move(piece));
    } else {
      ++line.dropped;
    }
  }
}

TokenizedLine DocumentMaker::make(const Json& line, const std::string& where) const {
  if (!line.is_object()) throw Error(where, "is no JSON object");
  TokenizedLine result;
  const Json tools = line.value("tools", Json());
  const auto converse = [&](const Json& messages) {
    for (const Parts& parts : conversation(messages, tools, where)) add(tokenize(parts), result);
  };
  const bool pair = line.contains(options_.prompt) && line.contains(options_.completion);
  if (line.contains(options_.messages)) {
    converse(line.at(options_.messages));
  } else if (pair && (options_.as_chat || line.at(options_.prompt).is_array())) {
    const Json& prompt = line.at(options_.prompt);
    const Json& completion = line.at(options_.completion);
    Json messages = prompt.is_array() ? prompt : Json::array();
    if (!prompt.is_array()) {
      messages.push_back({{"role", "user"}, {"content", text_of(line, options_.prompt, where)}});
    }
    if (completion.is_array()) {
      messages.insert(messages.end(), completion.begin(), completion.end());
    } else {
      messages.push_back(
          {{"role", "assistant"}, {"content", text_of(line, options_.completion, where)}});
    }
    converse(messages);
  } else if (pair) {
    add(tokenize_plain(text_of(line, options_.prompt, where),
                       text_of(line, options_.completion, where)),
        result);
  } else if (line.contains(options_.text)) {
    add(tokenize_plain("", text_of(line, options_.text, where)), result);
  } else {
    throw Error(where,
                "has no \"" + options_.messages + "\", no \"" + options_.prompt + "\" with \"" +
                    options_.completion + "\" and no \"" + options_.text + "\"",
                "name the keys of your file in [stage.fields]");
  }
  return result;
}

}  // namespace r1
