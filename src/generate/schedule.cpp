// What the engine computes next: which sequences have memory, and what a pass takes of each.
#include <algorithm>

#include "base/error.h"
#include "generate/running.h"

namespace r1 {

/// Behind the sequences whose turn it is: the first ones, in the order of requests.
Engine::RunningList::iterator Engine::window_end() {
  auto end = running_.begin();
  for (std::int64_t i = 0; i < sequences_ && end != running_.end(); ++i) ++end;
  return end;
}

/// Has a sequence's cache hold pages for `positions`; false if it has to wait. Kept texts give way,
/// and for one that is computed already, or is the first of all, the last ones do too: they compute
/// theirs again later, which gives the same bits and lets the first ones end. One that begins
/// (`spare` > 0) must leave so many pages free instead. Throws Error if the first has not enough
/// with all of them.
bool Engine::take_pages(RunningList::iterator at, std::int64_t positions, std::int64_t spare) {
  Sequence& sequence = at->sequence;
  const bool first = at == running_.begin();
  const std::int64_t wanted =
      pages_of(positions) - static_cast<std::int64_t>(sequence.cache.pages.size());
  if (wanted <= 0) return true;
  const auto lacks = [&] { return pool_.pages_free() < wanted + (first ? 0 : spare); };
  while (lacks() && prefixes_.drop_oldest()) {
  }
  const bool may_take = first || spare == 0;
  for (auto last = running_.end(); may_take && lacks() && --last != at;) {
    if (last->sequence.cache.pages.empty()) continue;
    last->sequence.drop_cache();
    ++counted_.preemptions;
  }
  if (!first && lacks()) return false;
  sequence.cache.reserve(positions);
  return true;
}

/// Gives memory for their prompts to those that wait, in their order: none overtakes another. One
/// that begins must leave the others a page each to go on with, or it would soon be put off.
void Engine::admit() {
  const auto end = window_end();
  for (auto at = running_.begin(); at != end; ++at) {
    Sequence& sequence = at->sequence;
    if (at->admitted() || sequence.finished()) continue;
    const auto size = static_cast<std::int64_t>(sequence.ids().size());
    // The last token is computed in any case, for its logits.
    const std::span<const int> known(sequence.ids().data(), static_cast<std::size_t>(size - 1));
    sequence.cached = prefixes_.find(known, sequence.cache);
    const bool again = !sequence.answer().ids.empty();
    bool has_pages = false;
    try {
      has_pages = take_pages(at, size, admitted() + 1);
    } catch (const Error&) {
      fail(*at->job, std::current_exception());
      return;
    }
    if (!has_pages) {
      sequence.drop_cache();
      return;
    }
    if (again) continue;
    sequence.answer().reused_tokens = sequence.cached;
    counted_.reused_tokens += sequence.cached;
  }
}

std::int64_t Engine::admitted() const {
  return std::count_if(running_.begin(), running_.end(),
                       [](const Running& running) { return running.admitted(); });
}

Engine::Plan Engine::plan() {
  admit();
  Plan plan;
  add_decoding(plan);
  add_prompts(plan);
  return plan;
}

/// Adds the next `count` tokens of a sequence, and its drafts behind the last.
void Engine::add(Plan& plan, RunningList::iterator at, std::int64_t count) {
  Sequence& sequence = at->sequence;
  const bool complete = count == at->left();
  if (!complete || !alone()) sequence.drafts.clear();
  const auto drafts = static_cast<std::int64_t>(sequence.drafts.size());
  const auto next = sequence.ids().begin() + sequence.cached;
  std::vector<int> tokens(next, next + count);
  tokens.insert(tokens.end(), sequence.drafts.begin(), sequence.drafts.end());
  const auto first_logits = static_cast<std::int64_t>(plan.rows.size());
  plan.parts.push_back({at, sequence.cached, count, complete ? first_logits : -1});
  for (std::int64_t i = count - 1; complete && i < count + drafts; ++i) {
    plan.rows.push_back(plan.pass.tokens() + i);
  }
  plan.pass.add(tokens, sequence.cached, sequence.cache);
}

/// The sequences that answer give their last token. Only one that is alone has drafts.
void Engine::add_decoding(Plan& plan) {
  const auto end = window_end();
  for (auto at = running_.begin(); at != end; ++at) {
    Sequence& sequence = at->sequence;
    if (!at->admitted() || sequence.finished() || at->left() != 1) continue;
    const std::int64_t room = context_length_ - sequence.cached - 2;
    const auto drafts = std::min(static_cast<std::int64_t>(sequence.drafts.size()),
                                 std::max<std::int64_t>(0, room));
    sequence.drafts.resize(static_cast<std::size_t>(alone() ? drafts : 0));
    const auto positions = sequence.cached + 1 + static_cast<std::int64_t>(sequence.drafts.size());
    try {
      if (take_pages(at, positions, 0)) add(plan, at, 1);
    } catch (const Error&) {
      fail(*at->job, std::current_exception());
    }
  }
}

/// Half of a pass's tokens of prompts belong to the prompt that waits longest; the rest goes to the
/// shortest first, so that a question needn't wait for a book, nor the book for all questions.
void Engine::add_prompts(Plan& plan) {
  std::vector<RunningList::iterator> prompts;
  const auto end = window_end();
  for (auto at = running_.begin(); at != end; ++at) {
    if (at->admitted() && !at->sequence.finished() && at->left() > 1) prompts.push_back(at);
  }
  if (prompts.empty()) return;
  const std::int64_t longest_waiting = prompts[0]->left();
  std::int64_t first = std::min(longest_waiting, prompts.size() == 1 ? chunk_ : (chunk_ + 1) / 2);
  std::int64_t budget = chunk_ - first;
  std::stable_sort(prompts.begin() + 1, prompts.end(),
                   [](const auto& a, const auto& b) { return a->left() < b->left(); });
  std::vector<std::int64_t> counts(prompts.size());
  for (std::size_t i = 1; i < prompts.size() && budget > 0; ++i) {
    counts[i] = std::min(prompts[i]->left(), budget);
    budget -= counts[i];
  }
  counts[0] = std::min(longest_waiting, first + budget);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    if (counts[i] > 0) add(plan, prompts[i], counts[i]);
  }
}

}  // namespace r1
