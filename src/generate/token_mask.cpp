#include "generate/token_mask.h"

#include <utility>

namespace r1 {
namespace {

constexpr float kImpossible = -1e30f;
constexpr std::size_t kMostMasks = 256;

}  // namespace

TokenTree::TokenTree(const Tokenizer& tokenizer) : nodes(1) {
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    const std::string_view bytes = tokenizer.token_bytes(id);
    if (bytes.empty() || tokenizer.is_special(id) || tokenizer.ends_generation(id)) continue;
    int at = 0;
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      int child = nodes[static_cast<std::size_t>(at)].first_child;
      while (child >= 0 && nodes[static_cast<std::size_t>(child)].byte != byte) {
        child = nodes[static_cast<std::size_t>(child)].next_sibling;
      }
      if (child < 0) {
        child = static_cast<int>(nodes.size());
        nodes.push_back(
            {.next_sibling = nodes[static_cast<std::size_t>(at)].first_child, .byte = byte});
        nodes[static_cast<std::size_t>(at)].first_child = child;
      }
      at = child;
    }
    Node& node = nodes[static_cast<std::size_t>(at)];
    tokens.push_back({id, node.first_token});
    node.first_token = static_cast<int>(tokens.size()) - 1;
  }
}

TokenMask::TokenMask(const AnswerGrammar& grammar, const Tokenizer& tokenizer)
    : tree_(grammar.tree),
      tokenizer_(tokenizer),
      states_(grammar.grammar),
      state_(states_.start()) {}

const std::vector<bool>& TokenMask::allowed(GrammarStates::State state) {
  if (const auto known = masks_.find(state); known != masks_.end()) return known->second;
  if (masks_.size() >= kMostMasks) masks_.clear();
  std::vector<bool> mask(static_cast<std::size_t>(tokenizer_.vocab_size()));
  std::vector<std::pair<int, GrammarStates::State>> open = {{0, state}};
  while (!open.empty()) {
    const auto [number, at] = open.back();
    open.pop_back();
    const TokenTree::Node& node = tree_->nodes[static_cast<std::size_t>(number)];
    for (int token = node.first_token; token >= 0;) {
      const TokenTree::Token& found = tree_->tokens[static_cast<std::size_t>(token)];
      mask[static_cast<std::size_t>(found.id)] = true;
      token = found.next;
    }
    for (int child = node.first_child; child >= 0;) {
      const TokenTree::Node& next = tree_->nodes[static_cast<std::size_t>(child)];
      const GrammarStates::State after = states_.next(at, next.byte);
      if (after != GrammarStates::kNowhere) open.emplace_back(child, after);
      child = next.next_sibling;
    }
  }
  return masks_.emplace(state, std::move(mask)).first->second;
}

void TokenMask::apply(std::span<float> logits) {
  const std::vector<bool>& mask = allowed(state_);
  std::vector<std::pair<std::size_t, float>> endings;
  for (const TokenId id : tokenizer_.end_of_generation()) {
    const auto at = static_cast<std::size_t>(id);
    // The tokenizer may have more tokens than the model has rows.
    if (at < logits.size()) endings.emplace_back(at, logits[at]);
  }
  bool possible = false;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i < mask.size() && mask[i]) {
      possible = true;
    } else {
      logits[i] = kImpossible;
    }
  }
  if (possible && !states_.ends(state_)) return;
  for (const auto& [at, logit] : endings) logits[at] = logit;
}

void TokenMask::take(std::string_view bytes) {
  for (const char c : bytes) state_ = states_.next(state_, static_cast<unsigned char>(c));
}

}  // namespace r1
