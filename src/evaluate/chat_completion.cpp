#include "evaluate/chat_completion.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "formats/json.h"

namespace r1::evaluate {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{1} << 28;  // bytes, with what surrounds it

/// vLLM's name and llama.cpp's.
constexpr std::array<const char*, 2> kRepetitionPenalty = {"repetition_penalty", "repeat_penalty"};

/// The text of a field, "" where there is none.
std::string text_of(const nlohmann::json& object, const char* name) {
  const auto value = object.find(name);
  return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

const nlohmann::json* object_in(const nlohmann::json& object, const char* name) {
  const auto value = object.find(name);
  return value != object.end() && value->is_object() ? &*value : nullptr;
}

}  // namespace

std::string completion_request(const std::string& model, const std::string& question,
                               const GenerateOptions& options, std::uint64_t seed, PromptForm form,
                               bool stream, Dialect dialect) {
  const SamplingOptions& sampling = options.sampling;
  const SamplingOptions usual;
  nlohmann::ordered_json body = {{"model", model},
                                 {"max_tokens", options.max_tokens},
                                 {"temperature", sampling.temperature},
                                 {"top_p", sampling.top_p},
                                 {"seed", seed}};
  if (form == PromptForm::chat) {
    body["messages"] = {{{"role", "user"}, {"content", question}}};
  } else {
    body["prompt"] = question;
  }
  const auto add = [&](const char* name, auto value, auto usual_value, bool in_any_case = false) {
    if (in_any_case || value != usual_value) body[name] = value;
  };
  const bool always = dialect != Dialect::openai;
  const int no_top_k = dialect == Dialect::minus_one ? -1 : 0;
  add("top_k", sampling.top_k > 0 ? sampling.top_k : no_top_k, no_top_k, always);
  add("min_p", sampling.min_p, usual.min_p, always);
  for (const char* name : kRepetitionPenalty) {
    add(name, sampling.repetition_penalty, usual.repetition_penalty, always);
  }
  add("presence_penalty", sampling.presence_penalty, usual.presence_penalty);
  add("frequency_penalty", sampling.frequency_penalty, usual.frequency_penalty);
  add("thinking_budget", options.thinking_budget, std::int64_t{-1});
  add("stop", options.stop, std::vector<std::string>());
  if (stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return json_text(body);
}

bool is_about_dialect(std::string_view complaint) {
  const auto names = [&](const char* field) { return complaint.find(field) != complaint.npos; };
  return names("top_k") || names("min_p") ||
         std::any_of(kRepetitionPenalty.begin(), kRepetitionPenalty.end(), names);
}

void CompletionReader::take(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > kLongestAnswer) throw Error("answer", "it is longer than any answer");
  unread_ += bytes;
  // A document may have lines too, but begins otherwise than an event or a comment.
  const std::size_t first = unread_.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || unread_[first] == '{') return;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = unread_.find('\n', begin)) != std::string::npos;) {
    take_line(std::string_view(unread_).substr(begin, end - begin));
    begin = end + 1;
  }
  unread_.erase(0, begin);
}

void CompletionReader::take_line(std::string_view line) {
  constexpr std::string_view kData = "data:";
  if (!line.starts_with(kData)) return;  // a comment, or a field that says nothing here
  line.remove_prefix(kData.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  line = line.substr(0, line.find_last_not_of(" \r") + 1);
  events_ = true;
  if (!line.empty() && line != "[DONE]") take_object(line);
}

void CompletionReader::take_object(std::string_view text) {
  const nlohmann::json object = parse_json(text, "answer");
  if (!object.is_object()) throw Error("answer", "it is no JSON object");
  if (const auto error = object.find("error"); error != object.end() && !error->is_null()) {
    const std::string said = error->is_string()   ? error->get<std::string>()
                             : error->is_object() ? text_of(*error, "message")
                                                  : error->dump();
    throw Error("answer", "the server says: " + said);
  }
  if (const nlohmann::json* usage = object_in(object, "usage")) {
    const auto count = usage->find("completion_tokens");
    if (count != usage->end() && count->is_number_integer()) tokens_ = *count;
  }
  const auto choices = object.find("choices");
  if (choices == object.end() || !choices->is_array() || choices->empty()) return;
  const nlohmann::json& choice = choices->front();
  if (!choice.is_object()) throw Error("answer", "a choice is no JSON object");
  const nlohmann::json* part = object_in(choice, "delta");
  if (part == nullptr) part = object_in(choice, "message");
  const std::size_t before = reasoning_.size() + content_.size();
  if (part != nullptr) {
    const std::string thought = text_of(*part, "reasoning_content");
    reasoning_ += thought.empty() ? text_of(*part, "reasoning") : thought;
    content_ += text_of(*part, "content");
  } else {
    content_ += text_of(choice, "text");
  }
  if (reasoning_.size() + content_.size() > before) ++pieces_;
  if (const std::string reason = text_of(choice, "finish_reason"); !reason.empty()) {
    finish_reason_ = reason;
  }
}

Response CompletionReader::finish() {
  if (events_) {
    take_line(unread_);
  } else {
    take_object(unread_);
  }
  if (finish_reason_.empty()) throw Error("answer", "it ends before it is whole");
  // An answer that ends within its thinking has nothing else.
  std::string text = content_;
  if (!reasoning_.empty()) {
    text = "<think>" + reasoning_ + (content_.empty() ? "" : "</think>" + content_);
  }
  // Servers that don't count the tokens of a stream send them one by one.
  return {std::move(text), finish_reason_, tokens_ == 0 && events_ ? pieces_ : tokens_};
}

}  // namespace r1::evaluate
