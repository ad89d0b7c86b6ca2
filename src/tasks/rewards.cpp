#include "tasks/rewards.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/characters.h"
#include "base/error.h"
#include "tasks/reward_command.h"

namespace r1::tasks {
namespace {

constexpr std::string_view kThink = "<think>", kThinkEnd = "</think>", kAnswer = "<answer>",
                           kAnswerEnd = "</answer>";

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos;
       at += part.size()) {
    ++count;
  }
  return count;
}

/// Whether \boxed{...} with something in it stands in the text, its braces closed.
bool has_box(std::string_view text) {
  constexpr std::string_view kBox = "\\boxed{";
  for (std::size_t at = 0; (at = text.find(kBox, at)) != std::string_view::npos;) {
    at += kBox.size();
    int depth = 1;
    std::size_t end = at;
    for (; end < text.size() && depth > 0; ++end) {
      if (text[end] == '{') ++depth;
      if (text[end] == '}') --depth;
    }
    if (depth == 0 && !trimmed(text.substr(at, end - 1 - at)).empty()) return true;
  }
  return false;
}

bool in_tags(std::string_view answer) {
  if (!answer.starts_with(kAnswer) || !answer.ends_with(kAnswerEnd)) return false;
  if (count_of(answer, kAnswer) != 1 || count_of(answer, kAnswerEnd) != 1) return false;
  answer.remove_prefix(kAnswer.size());
  answer.remove_suffix(kAnswerEnd.size());
  return !trimmed(answer).empty();
}

enum class Script : std::uint8_t {
  none,
  latin,
  han,
  kana,
  hangul,
  cyrillic,
  arabic,
  devanagari,
  greek,
  hebrew,
  thai,
  other
};

struct Range {
  char32_t first, last;
  Script script;
};
constexpr std::array<Range, 26> kScripts = {
    {{'A', 'Z', Script::latin},          {'a', 'z', Script::latin},
     {0xC0, 0xD6, Script::latin},        {0xD8, 0xF6, Script::latin},
     {0xF8, 0x24F, Script::latin},       {0x370, 0x3FF, Script::greek},
     {0x400, 0x52F, Script::cyrillic},   {0x531, 0x58F, Script::other},
     {0x5D0, 0x5EA, Script::hebrew},     {0x620, 0x6FF, Script::arabic},
     {0x900, 0x963, Script::devanagari}, {0x966, 0x97F, Script::devanagari},
     {0x980, 0xDFF, Script::other},      {0xE01, 0xE4E, Script::thai},
     {0xE80, 0x10FF, Script::other},     {0x1100, 0x11FF, Script::hangul},
     {0x1200, 0x1CFF, Script::other},    {0x1E00, 0x1EFF, Script::latin},
     {0x1F00, 0x1FFF, Script::greek},    {0x3005, 0x3007, Script::han},
     {0x3041, 0x30FF, Script::kana},     {0x3400, 0x4DBF, Script::han},
     {0x4E00, 0x9FFF, Script::han},      {0xAC00, 0xD7A3, Script::hangul},
     {0xF900, 0xFAFF, Script::han},      {0x20000, 0x3134F, Script::han}}};

Script script_of(char32_t character) {
  for (const Range& range : kScripts) {
    if (character >= range.first && character <= range.last) return range.script;
  }
  return Script::none;
}

struct Language {
  std::string_view name;
  std::array<Script, 3> scripts;
};
constexpr std::array<Language, 19> kLanguages = {{{"en", {Script::latin}},
                                                  {"de", {Script::latin}},
                                                  {"fr", {Script::latin}},
                                                  {"es", {Script::latin}},
                                                  {"it", {Script::latin}},
                                                  {"pt", {Script::latin}},
                                                  {"nl", {Script::latin}},
                                                  {"pl", {Script::latin}},
                                                  {"tr", {Script::latin}},
                                                  {"vi", {Script::latin}},
                                                  {"zh", {Script::han}},
                                                  {"ja", {Script::kana, Script::han}},
                                                  {"ko", {Script::hangul}},
                                                  {"ru", {Script::cyrillic}},
                                                  {"ar", {Script::arabic}},
                                                  {"hi", {Script::devanagari}},
                                                  {"el", {Script::greek}},
                                                  {"he", {Script::hebrew}},
                                                  {"th", {Script::thai}}}};

const Language& language_named(std::string_view name) {
  const auto found = std::find_if(kLanguages.begin(), kLanguages.end(),
                                  [&](const Language& language) { return language.name == name; });
  if (found == kLanguages.end()) {
    throw Error("language " + std::string(name), "its script isn't known",
                "take one of en, de, fr, es, it, pt, nl, pl, tr, vi, zh, ja, ko, ru, ar, hi, el, "
                "he, th");
  }
  return *found;
}

/// The character at `at`, which moves behind it; bytes that are no UTF-8 are U+FFFD.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const std::size_t length = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (length == 0 || at + length > text.size()) return 0xFFFD;
  char32_t character = lead & (0x3Fu >> length);
  for (std::size_t i = 0; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0u) != 0x80u) return 0xFFFD;
    character = character << 6 | (byte & 0x3Fu);
  }
  at += length;
  return character;
}

/// Each word's script; characters of scripts without spaces are words of their own.
template <typename Visit>
void for_each_word(std::string_view text, const Visit& visit) {
  Script word = Script::none;
  bool in_command = false;  // of LaTeX
  for (std::size_t at = 0; at < text.size();) {
    for (const std::string_view tag : {kThink, kThinkEnd, kAnswer, kAnswerEnd}) {
      if (text.substr(at).starts_with(tag)) at += tag.size();
    }
    if (at >= text.size()) return;
    const char32_t character = next_character(text, at);
    const Script script = script_of(character);
    const bool alone = script == Script::han || script == Script::kana || script == Script::thai;
    if (!in_command && script != Script::none && (alone || script != word)) visit(script);
    in_command = character == '\\' || (in_command && script == Script::latin);
    word = script;
  }
}

}  // namespace

double format_reward(ResponseForm form, std::string_view response) {
  response = trimmed(response);
  if (response.starts_with(kThink)) response.remove_prefix(kThink.size());
  if (count_of(response, kThink) != 0 || count_of(response, kThinkEnd) != 1) return 0;
  const std::size_t end = response.find(kThinkEnd);
  const std::string_view thought = trimmed(response.substr(0, end));
  const std::string_view answer = trimmed(response.substr(end + kThinkEnd.size()));
  if (thought.empty() || answer.empty()) return 0;
  if (count_of(thought, kAnswer) != 0 || count_of(thought, kAnswerEnd) != 0) return 0;
  return form == ResponseForm::tags ? (in_tags(answer) ? 1 : 0) : (has_box(answer) ? 1 : 0);
}

double language_reward(std::string_view language, std::string_view text) {
  const Language& target = language_named(language);
  double words = 0, right = 0;
  for_each_word(text, [&](Script script) {
    words += 1;
    const bool fits =
        std::find(target.scripts.begin(), target.scripts.end(), script) != target.scripts.end();
    right += fits ? 1 : 0;
  });
  return words == 0 ? 1 : right / words;
}

double length_reward(const LengthRule& rule, std::size_t tokens) {
  const auto length = static_cast<double>(tokens), limit = static_cast<double>(rule.limit);
  if (rule.kind == LengthRule::Kind::linear) return std::max(0.0, 1 - length / limit);
  const auto margin = static_cast<double>(rule.margin);
  return std::clamp((limit - margin - length) / margin, -1.0, 0.0);
}

Reward::Reward(RewardSettings settings) : settings_(std::move(settings)) {
  language_named(settings_.language_name);
  const LengthRule& rule = settings_.length_rule;
  if (rule.limit == 0 ||
      (rule.kind == LengthRule::Kind::overlong && (rule.margin == 0 || rule.margin > rule.limit))) {
    throw Error("reward", "the length limit must be above 0, and the margin between 1 and it");
  }
  if (settings_.command != 0) {
    if (settings_.command_line.empty()) throw Error("reward", "its command is empty");
    if (!(settings_.command_time_limit > 0)) {
      throw Error("reward", "the command's time limit must be above 0 seconds");
    }
    command_ = std::make_unique<RewardCommand>(
        settings_.command_line, std::chrono::duration<double>(settings_.command_time_limit));
  }
}

Reward::~Reward() = default;

RewardParts Reward::operator()(const Task& task, const Attempt& attempt) {
  const RewardSettings& weights = settings_;
  RewardParts parts;
  const Verdict verdict = verify(task, attempt.instance.answer, attempt.response);
  parts.accuracy = verdict.reward;
  parts.correct = verdict.correct;
  if (weights.format != 0) parts.format = format_reward(weights.form, attempt.response);
  if (weights.language != 0) {
    parts.language = language_reward(weights.language_name, attempt.response);
  }
  if (weights.length != 0) parts.length = length_reward(weights.length_rule, attempt.tokens);
  if (command_) {
    parts.command = command_->reward(task, attempt.instance, attempt.response);
  }
  parts.total = weights.accuracy * parts.accuracy + weights.format * parts.format +
                weights.language * parts.language + weights.length * parts.length +
                weights.command * parts.command;
  return parts;
}

}  // namespace r1::tasks
