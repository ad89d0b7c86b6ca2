// SentencePiece's byte-pair encoding, by the scores of a vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/symbol_merging.h"
#include "formats/tokenizer_data.h"

namespace r1 {

/// Joins neighbouring characters to tokens, the best score first. What is no token in the end is
/// written as byte tokens, or as the unknown token if the vocabulary has none.
class SentencePieceEncoder {
 public:
  /// Keeps views of data's tokens, which must stay where they are.
  explicit SentencePieceEncoder(const TokenizerData& data);
  /// Appends the ids of valid UTF-8 of less than 4 GiB in which spaces are spaces.
  void encode(std::string_view text, std::vector<TokenId>& ids, MergeMemory& memory) const;

 private:
  void encode_word(std::string_view word, std::vector<TokenId>& ids, MergeMemory& memory) const;

  struct Entry {
    TokenId id;
    std::uint32_t rank;  // by falling score; equal scores have equal ranks
  };
  std::unordered_map<std::string_view, Entry> entries_;
  std::size_t longest_ = 0;          // bytes of the longest token
  bool spaces_begin_tokens_ = true;  // no token has a space after another character
  std::array<TokenId, 256> byte_ids_{};
  TokenId unknown_ = -1;
};

/// The text with U+2581, which SentencePiece vocabularies write for a space, replaced by spaces.
std::string replace_meta_spaces(std::string_view text);

}  // namespace r1
