#include "learn/group_pass.h"

#include <string>

#include "base/error.h"
#include "ops/elementwise.h"
#include "ops/log_probabilities.h"

namespace r1 {

GroupPass::GroupPass(const Model& model, std::span<const PromptAnswers> groups,
                     const PackedOptions& options)
    : model_(model) {
  const CacheShape shape = model.cache_shape();
  pass_.recompute = options.recompute;
  pass_.routers = options.routers;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& [prompt, answers] = groups[g];
    if (prompt.empty()) throw Error("group " + std::to_string(g), "has an empty prompt");
    const auto prompt_size = static_cast<std::int64_t>(prompt.size());
    const auto prefix = static_cast<std::int64_t>(pass_.spans.size());
    const std::int64_t last_of_prompt = pass_.tokens() + prompt_size - 1;
    caches_.emplace_back(shape, prompt_size);
    const SequenceCache& prompt_cache = caches_.back();
    pass_.add(prompt, 0, caches_.back());
    for (const std::vector<int>& answer : answers) {
      if (answer.empty()) throw Error("group " + std::to_string(g), "has an empty answer");
      const auto inputs = static_cast<std::int64_t>(answer.size()) - 1;
      rows_.push_back(last_of_prompt);
      for (std::int64_t i = 0; i < inputs; ++i) rows_.push_back(pass_.tokens() + i);
      ids_.insert(ids_.end(), answer.begin(), answer.end());
      if (inputs == 0) continue;
      caches_.emplace_back(shape, prompt_size + inputs, prompt_cache, prompt_size);
      pass_.add_after(prefix, {answer.begin(), answer.end() - 1}, caches_.back());
    }
  }
  hidden_ = model.hidden(pass_);
}

Tensor GroupPass::log_probabilities(const TokenDistribution& distribution) const {
  return r1::log_probabilities(answer_hidden(), model_.head(), ids_, distribution);
}

Tensor GroupPass::answer_hidden() const {
  return select_rows(hidden_, rows_);
}

}  // namespace r1
