#include "serve/tool_calls.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "formats/json.h"

namespace r1::serve {
namespace {

constexpr std::string_view kHermesBegin = "<tool_call>", kHermesEnd = "</tool_call>";
constexpr std::string_view kDeepseekBegin = "<｜tool▁calls▁begin｜>",
                           kCallBegin = "<｜tool▁call▁begin｜>", kSeparator = "<｜tool▁sep｜>",
                           kJsonBegin = "```json", kJsonEnd = "```";

std::string random_name() {
  thread_local std::random_device device;
  std::string name = "call_";
  for (int i = 0; i < 24; ++i) {
    name += "abcdefghijklmnopqrstuvwxyz0123456789"[device() % 36];
  }
  return name;
}

/// Bytes at the end of `text` that may be the beginning of `tag`.
std::size_t begun(std::string_view text, std::string_view tag) {
  for (std::size_t size = std::min(text.size(), tag.size() - 1); size > 0; --size) {
    if (text.ends_with(tag.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

std::string ToolCallReader::push(std::string_view text) {
  pending_ += text;
  if (inside_) return {};
  const std::size_t at = std::min(pending_.find(kHermesBegin), pending_.find(kDeepseekBegin));
  std::size_t shown = 0;
  if (at != std::string::npos) {
    inside_ = true;
    shown = at;
  } else {
    shown =
        pending_.size() - std::max(begun(pending_, kHermesBegin), begun(pending_, kDeepseekBegin));
  }
  std::string out = pending_.substr(0, shown);
  pending_.erase(0, shown);
  return out;
}

std::string ToolCallReader::flush() {
  if (inside_ && (read_hermes() || read_deepseek())) return {};
  calls_ = nlohmann::ordered_json::array();
  return std::exchange(pending_, {});
}

bool ToolCallReader::add(const std::string& name, std::string_view arguments) {
  try {
    if (name.empty() || !parse_ordered_json(arguments, "arguments", 1000).is_object()) return false;
  } catch (const Error&) {
    return false;
  }
  calls_.push_back({{"index", calls_.size()},
                    {"id", random_name()},
                    {"type", "function"},
                    {"function", {{"name", name}, {"arguments", std::string(arguments)}}}});
  return true;
}

bool ToolCallReader::read_hermes() {
  std::string_view rest = pending_;
  while (!trimmed(rest).empty()) {
    rest = trimmed(rest);
    if (!rest.starts_with(kHermesBegin)) return false;
    const std::size_t end = rest.find(kHermesEnd);
    const std::string_view body =
        rest.substr(kHermesBegin.size(), end == rest.npos ? end : end - kHermesBegin.size());
    rest = end == rest.npos ? std::string_view() : rest.substr(end + kHermesEnd.size());
    try {
      const auto call = parse_ordered_json(trimmed(body), "the call", 1000);
      if (!call.is_object() || !call.contains("name") || !call["name"].is_string()) return false;
      const auto arguments = call.value("arguments", nlohmann::ordered_json::object());
      if (!add(call["name"].get<std::string>(), json_text(arguments))) return false;
    } catch (const Error&) {
      return false;
    }
  }
  return !calls_.empty();
}

bool ToolCallReader::read_deepseek() {
  std::string_view rest = pending_;
  for (std::size_t at = rest.find(kCallBegin); at != rest.npos; at = rest.find(kCallBegin)) {
    rest = rest.substr(at);
    const std::size_t name = rest.find(kSeparator), begin = rest.find(kJsonBegin);
    if (name == rest.npos || begin == rest.npos || begin < name) return false;
    const std::size_t after = begin + kJsonBegin.size(), end = rest.find(kJsonEnd, after);
    if (end == rest.npos) return false;
    const std::size_t name_begin = name + kSeparator.size();
    if (!add(std::string(trimmed(rest.substr(name_begin, begin - name_begin))),
             trimmed(rest.substr(after, end - after)))) {
      return false;
    }
    rest = rest.substr(end + kJsonEnd.size());
  }
  return !calls_.empty();
}

}  // namespace r1::serve
