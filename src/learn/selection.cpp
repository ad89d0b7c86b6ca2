#include "learn/selection.h"

#include <cctype>
#include <set>

namespace r1 {
namespace {

std::string without_space(const std::string& text) {
  std::string dense;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) dense += c;
  }
  return dense;
}

}  // namespace

SelectionOptions SelectionOptions::read(const Section& section) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  SelectionOptions options;
  options.correct = section.flag("correct", options.correct);
  options.per_question = section.integer("per_question", options.per_question, 1, kMost);
  options.least_tokens = section.integer("least_tokens", options.least_tokens, 1, kMost);
  options.most_tokens = section.integer("most_tokens", options.most_tokens, 1, kMost);
  options.language = section.text("language", "");
  options.language_share = section.number("language_share", options.language_share, 0, 1);
  if (!options.language.empty()) {
    try {
      tasks::language_reward(options.language, "");
    } catch (const Error& error) {
      throw section.error("language", error.what());
    }
  }
  return options;
}

std::vector<std::size_t> selected(const ScoredGroup& group, const SelectionOptions& options) {
  std::vector<std::size_t> kept;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < group.group.answers.size(); ++i) {
    if (static_cast<std::int64_t>(kept.size()) == options.per_question) break;
    const Rollout& answer = group.group.answers[i];
    const auto tokens = static_cast<std::int64_t>(answer.ids.size());
    if (answer.truncated || (options.correct && !group.rewards[i].correct)) continue;
    if (tokens < options.least_tokens || tokens > options.most_tokens) continue;
    const std::string response = group.response(i);
    if (!options.language.empty() &&
        tasks::language_reward(options.language, response) < options.language_share) {
      continue;
    }
    if (seen.insert(without_space(response)).second) kept.push_back(i);
  }
  return kept;
}

}  // namespace r1
