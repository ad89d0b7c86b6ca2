#include "generate/grammar.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace r1 {
namespace {

constexpr std::size_t kMostRules = 100'000, kMostStates = 50'000;
constexpr int kDeepest = 2'000;
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
    expand(frame(alternative, 0, kEnd), frames, 0);
  }
  start_ = state_of(std::move(frames));
}

/// The frame, or the one below when nothing of the sequence is left.
int GrammarStates::frame(int alternative, int place, int below) {
  if (place == static_cast<int>(grammar_->sequence(alternative).size())) return below;
  const Frame key{alternative, place, below};
  const auto [at, is_new] = frame_numbers_.try_emplace(key, static_cast<int>(frames_.size()));
  if (is_new) frames_.push_back(key);
  return at->second;
}

int GrammarStates::after(const Frame& frame) {
  const auto [alternative, place, below] = frame;
  return this->frame(alternative, place + 1, below);
}

/// Goes into rules until a byte is next.
void GrammarStates::expand(int number, std::vector<int>& frames, int depth) {
  if (depth > kDeepest) throw Error("grammar", "nests too deeply");
  if (number == kEnd) {
    frames.push_back(kEnd);
    return;
  }
  const Frame top = frames_[static_cast<std::size_t>(number)];
  const Grammar::Symbol& symbol =
      grammar_->sequence(std::get<0>(top))[static_cast<std::size_t>(std::get<1>(top))];
  if (symbol.rule < 0) {
    frames.push_back(number);
    return;
  }
  const int rest = after(top);
  for (const int alternative : grammar_->alternatives(symbol.rule)) {
    expand(frame(alternative, 0, rest), frames, depth + 1);
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
    const Frame top = frames_[static_cast<std::size_t>(number)];
    const Grammar::Symbol& symbol =
        grammar_->sequence(std::get<0>(top))[static_cast<std::size_t>(std::get<1>(top))];
    if (grammar_->bytes(symbol.bytes).test(byte)) expand(after(top), frames, 0);
  }
  const State result = state_of(std::move(frames));
  states_[static_cast<std::size_t>(state)].next[byte] = result;
  return result;
}

}  // namespace r1
