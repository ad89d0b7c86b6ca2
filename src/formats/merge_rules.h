// Merge rules as files write them: by the spellings of their tokens.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/tokenizer_data.h"

namespace r1 {

/// Finds the ids of merge rules. Throws Error naming `where` for rules that the vocabulary has no
/// tokens for.
class MergeRuleReader {
 public:
  explicit MergeRuleReader(const std::string& where) : where_(where) {}
  void reserve(std::size_t tokens) { ids_.reserve(tokens); }
  /// Keeps a view of the spelling. Of equal spellings the last holds.
  void add_token(std::string_view spelling, TokenId id) { ids_[spelling] = id; }
  MergeRule rule(std::string_view left, std::string_view right);
  /// "left right", with one space.
  MergeRule rule(std::string_view both);

 private:
  TokenId id_of(std::string_view spelling) const;

  const std::string& where_;
  std::unordered_map<std::string_view, TokenId> ids_;
  std::string joined_;
};

}  // namespace r1
