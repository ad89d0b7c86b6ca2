// Which tokens a grammar allows next.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "formats/tokenizer.h"
#include "generate/grammar.h"

namespace r1 {

/// The bytes of all tokens as a tree, so that what tokens have in common is looked at once. Control
/// tokens are not in it. Immutable; threads may use it together.
class TokenTree {
 public:
  explicit TokenTree(const Tokenizer& tokenizer);

  struct Node {
    int first_child = -1, next_sibling = -1;
    int first_token = -1;  // a place in `tokens`
    unsigned char byte = 0;
  };
  struct Token {
    TokenId id;
    int next = -1;  // another token of the same bytes
  };
  std::vector<Node> nodes;  // the first is the root
  std::vector<Token> tokens;
};

/// What an answer must look like.
struct AnswerGrammar {
  std::shared_ptr<const Grammar> grammar;
  std::shared_ptr<const TokenTree> tree;
};

/// Follows one answer. Not for several threads at once.
class TokenMask {
 public:
  TokenMask(const AnswerGrammar& grammar, const Tokenizer& tokenizer);

  /// Makes tokens that may not come next impossible: so small that nothing draws them, yet finite.
  /// Where the text may end, tokens that end generation are left, and where nothing is possible.
  void apply(std::span<float> logits);
  /// Goes on by a token's bytes. What doesn't fit ends the text.
  void take(std::string_view bytes);
  bool at_start() const { return state_ == states_.start(); }

 private:
  const std::vector<bool>& allowed(GrammarStates::State state);

  std::shared_ptr<const TokenTree> tree_;
  Tokenizer tokenizer_;
  GrammarStates states_;
  GrammarStates::State state_;
  std::map<GrammarStates::State, std::vector<bool>> masks_;  // of states met before
};

}  // namespace r1
