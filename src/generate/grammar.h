// Context-free grammars over bytes, and the texts they allow, followed byte by byte.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

namespace r1 {

/// A rule has alternatives, each a sequence of rules and of sets of bytes. No rule may come back to
/// itself without a byte in between. One without alternatives matches nothing.
class Grammar {
 public:
  using Rule = int;
  using Bytes = std::bitset<256>;
  struct Symbol {
    Rule rule = -1;  // -1: one of `bytes`
    int bytes = -1;  // which set
  };
  using Sequence = std::vector<Symbol>;

  /// A new rule; the first is where texts begin. Throws Error for more than 100,000.
  Rule add_rule();
  void add(Rule rule, Sequence sequence);

  Symbol one_of(const Bytes& bytes);
  /// The bytes of `text` one after the other.
  Sequence literal(std::string_view text);
  static Symbol use(Rule rule) { return {.rule = rule}; }

  const std::vector<int>& alternatives(Rule rule) const {
    return rules_[static_cast<std::size_t>(rule)];
  }
  const Sequence& sequence(int alternative) const {
    return sequences_[static_cast<std::size_t>(alternative)];
  }
  const Bytes& bytes(int set) const { return sets_[static_cast<std::size_t>(set)]; }

 private:
  std::vector<std::vector<int>> rules_;  // places in sequences_
  std::vector<Sequence> sequences_;
  std::vector<Bytes> sets_;
};

/// All texts of a grammar as an automaton that is made as far as it is used: a state is the set of
/// stacks on which a text may go on. Not for several threads at once.
class GrammarStates {
 public:
  using State = int;
  static constexpr State kNowhere = 0;

  explicit GrammarStates(std::shared_ptr<const Grammar> grammar);
  State start() const { return start_; }
  /// kNowhere if the text can't go on so. Throws Error when there are more than 50,000 states or
  /// 500,000 frames.
  State next(State state, unsigned char byte);
  /// Whether the text may end here.
  bool ends(State state) const { return states_[static_cast<std::size_t>(state)].ends; }

 private:
  /// Where in a sequence, and the stack that goes on after it.
  using Frame = std::tuple<int, int, int>;  // alternative, place, frame below
  static constexpr int kEnd = 0;            // the frame below all
  struct StateData {
    std::vector<int> frames;  // sorted; each before a set of bytes, or the end
    bool ends = false;
    std::array<State, 256> next{};
  };
  int frame(int alternative, int place, int below);
  int after(const Frame& frame);
  const Grammar::Symbol& symbol_at(int frame) const;
  void expand(int frame, std::vector<int>& frames);
  State state_of(std::vector<int> frames);

  std::shared_ptr<const Grammar> grammar_;
  std::vector<Frame> frames_;
  std::map<Frame, int> frame_numbers_;
  std::vector<StateData> states_;
  std::map<std::vector<int>, State> state_numbers_;
  State start_;
};

}  // namespace r1
