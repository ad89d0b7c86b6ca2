// Finding the spellings of special tokens in a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tokenizer_data.h"

namespace r1 {

/// A set of spellings that is searched for leftmost first, and the longest of those that begin
/// there.
class SpecialTokens {
 public:
  void add(std::string spelling, TokenId id);
  /// Call once after the last `add`.
  void prepare();
  struct Found {
    std::size_t begin, end;
    TokenId id;
  };
  /// The first spelling at or after `from`.
  std::optional<Found> find(std::string_view text, std::size_t from) const;

 private:
  struct Entry {
    std::string spelling;
    TokenId id;
  };
  std::vector<Entry> entries_;  // sorted by spelling
  std::string first_bytes_;     // the bytes that spellings begin with
};

}  // namespace r1
