// Byte-level byte-pair encoding of the pieces that a pre-tokenizer makes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/symbol_merging.h"
#include "formats/tokenizer_data.h"

namespace r1 {

/// Merges pairs of tokens by the order of the vocabulary's merge rules.
class BytePairEncoder {
 public:
  /// Keeps views of data's tokens, which must stay where they are.
  explicit BytePairEncoder(const TokenizerData& data);
  /// Appends the ids of one piece, of less than 4 GiB. Bytes that have no token vanish.
  void encode(std::string_view piece, std::vector<TokenId>& ids, MergeMemory& memory) const;

 private:
  PairMerge find_merge(TokenId left, TokenId right) const;
  void insert_merge(std::uint32_t rank, const MergeRule& rule);

  struct Slot {
    TokenId left = -1, right = -1;  // left -1: free
    PairMerge merge;
  };
  std::vector<Slot> slots_;  // open addressing; a power of two, at least half of them free
  int shift_ = 0;
  std::array<TokenId, 256> byte_ids_{};                  // -1 where a byte has no token
  std::unordered_map<std::string_view, TokenId> whole_;  // pieces taken whole
};

/// The text that byte-level vocabularies write for `bytes`: a visible character for each byte.
std::string to_byte_alphabet(std::string_view bytes);
/// The bytes that a vocabulary's text stands for; nothing if a character stands for no byte.
std::optional<std::string> from_byte_alphabet(std::string_view text);

}  // namespace r1
