#include "generate/grammar.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"

namespace r1 {
namespace {

constexpr std::size_t kMostRules = 100'000, kMostStates = 50'000, kMostFrames = 500'000;
constexpr GrammarStates::State kUnknown = -1;

}  // namespace

Grammar::Rule Grammar::add_rule() {
  if (rules_.size() >= kMostRules) throw Error("grammar", "has too many rules");
  rules_.emplace_back();
  return static_cast<Rule>(rules_.size()) - 1;
}

void Grammar::add(Rule rule, Sequence sequence) {
  rules_[static_cast<std::size_t>(rule)].push_back(static_cast<int>(sequences_.size()));
  sequences_.push_back(std::move(sequence));
}

Grammar::Symbol Grammar::one_of(const Bytes& bytes) {
  const auto found = std::find(sets_.begin(), sets_.end(), bytes);
  const auto at = static_cast<int>(found - sets_.begin());
  if (found == sets_.end()) sets_.push_back(bytes);
  return {.rule = -1, .bytes = at};
}

Grammar::Sequence Grammar::literal(std::string_view text) {
  Sequence sequence;
  for (const char c : text) {
    Bytes bytes;
    bytes.set(static_cast<unsigned char>(c));
    sequence.push_back(one_of(bytes));
  }
  return sequence;
}

GrammarStates::GrammarStates(std::shared_ptr<const Grammar> grammar)
    : grammar_(std::move(grammar)), frames_(1, Frame{-1, 0, kEnd}) {
  state_of({});  // nowhere
  std::vector<int> frames;
  for (const int alternative : grammar_->alternatives(0)) {
    expand(frame(alternative, 0, kEnd), frames);
  }
  start_ = state_of(std::move(frames));
}

/// The frame, or the one below when nothing of the sequence is left.
int GrammarStates::frame(int alternative, int place, int below) {
  if (place == static_cast<int>(grammar_->sequence(alternative).size())) return below;
  const Frame key{alternative, place, below};
  const auto [at, is_new] = frame_numbers_.try_emplace(key, static_cast<int>(frames_.size()));
  if (!is_new) return at->second;
  if (frames_.size() >= kMostFrames) throw Error("grammar", "has too many states");
  frames_.push_back(key);
  return at->second;
}

/// What is next in a frame other than the end.
const Grammar::Symbol& GrammarStates::symbol_at(int number) const {
  const auto& [alternative, place, below] = frames_[static_cast<std::size_t>(number)];
  return grammar_->sequence(alternative)[static_cast<std::size_t>(place)];
}

int GrammarStates::after(const Frame& frame) {
  const auto [alternative, place, below] = frame;
  return this->frame(alternative, place + 1, below);
}

/// Goes into rules until a byte is next. What several alternatives lead to is gone into once: their
/// ways would multiply from level to level.
void GrammarStates::expand(int number, std::vector<int>& frames) {
  std::vector<int> open = {number};
  std::unordered_set<int> seen = {number};
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    const Grammar::Symbol symbol = at == kEnd ? Grammar::Symbol{} : symbol_at(at);
    if (symbol.rule < 0) {
      frames.push_back(at);
      continue;
    }
    const int rest = after(frames_[static_cast<std::size_t>(at)]);
    for (const int alternative : grammar_->alternatives(symbol.rule)) {
      const int inner = frame(alternative, 0, rest);
      if (seen.insert(inner).second) open.push_back(inner);
    }
  }
}

GrammarStates::State GrammarStates::state_of(std::vector<int> frames) {
  std::sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
  const auto [at, is_new] = state_numbers_.try_emplace(frames, static_cast<State>(states_.size()));
  if (!is_new) return at->second;
  if (states_.size() >= kMostStates) throw Error("grammar", "has too many states");
  StateData& state = states_.emplace_back();
  state.ends = !frames.empty() && frames.front() == kEnd;
  state.frames = std::move(frames);
  state.next.fill(kUnknown);
  return at->second;
}

GrammarStates::State GrammarStates::next(State state, unsigned char byte) {
  const State known = states_[static_cast<std::size_t>(state)].next[byte];
  if (known != kUnknown) return known;
  std::vector<int> frames;
  for (const int number : states_[static_cast<std::size_t>(state)].frames) {
    if (number == kEnd) continue;
    if (!grammar_->bytes(symbol_at(number).bytes).test(byte)) continue;
    expand(after(frames_[static_cast<std::size_t>(number)]), frames);
  }
  const State result = state_of(std::move(frames));
  states_[static_cast<std::size_t>(state)].next[byte] = result;
  return result;
}

}  // namespace r1
