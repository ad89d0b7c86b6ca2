// Trains a byte-level byte-pair encoding: Sennrich et al., "Neural machine translation of rare
// words with subword units", on bytes as GPT-2 does it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pre_tokenizer.h"
#include "formats/tokenizer_data.h"

namespace r1 {

/// How often each piece stands in a text.
using PieceCounts = std::map<std::string, std::int64_t, std::less<>>;

/// The pieces of all texts; the counts depend on no number of threads.
PieceCounts count_pieces(const std::vector<std::string>& texts, const PreTokenizer& pre_tokenizer);

/// Which neighbours may be joined.
enum class Joining : std::uint8_t {
  anywhere,
  /// Only from a piece's beginning on, and of pieces with letters only those that begin with a
  /// space, a capital, "\\" or "<": words of running text become tokens, while a word in quotes
  /// stays letters, which a small model can count and turn round.
  words,
};

/// Appends to `tokens` the 256 bytes and then, until there are `vocabulary` tokens or no pair
/// stands twice, what joins the commonest pair of neighbours; returns the merges. Of equally common
/// pairs the one with the smaller ids is joined first.
std::vector<MergeRule> train_byte_pairs(const PieceCounts& pieces, std::int64_t vocabulary,
                                        Joining joining, std::vector<Token>& tokens);

}  // namespace r1
