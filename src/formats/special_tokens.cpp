#include "formats/special_tokens.h"

#include <algorithm>
#include <utility>

namespace r1 {

void SpecialTokens::add(std::string spelling, TokenId id) {
  if (!spelling.empty()) entries_.push_back({std::move(spelling), id});
}

void SpecialTokens::prepare() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.spelling < b.spelling; });
  for (const Entry& entry : entries_) {
    if (first_bytes_.empty() || first_bytes_.back() != entry.spelling[0]) {
      first_bytes_ += entry.spelling[0];
    }
  }
}

std::optional<SpecialTokens::Found> SpecialTokens::find(std::string_view text,
                                                        std::size_t from) const {
  // Bytes compare unsigned, as std::string compares its characters.
  const auto byte_at = [](const std::string& spelling, std::size_t depth) {
    return depth < spelling.size() ? static_cast<unsigned char>(spelling[depth]) : -1;
  };
  for (;;) {
    from = text.find_first_of(first_bytes_, from);
    if (from == text.npos) return std::nullopt;
    std::optional<Found> longest;
    // Narrows the sorted entries to those that agree with the text, a byte at a time.
    auto low = entries_.begin(), high = entries_.end();
    for (std::size_t depth = 0; from + depth < text.size(); ++depth) {
      const int wanted = static_cast<unsigned char>(text[from + depth]);
      low = std::lower_bound(low, high, wanted, [&](const Entry& entry, int byte) {
        return byte_at(entry.spelling, depth) < byte;
      });
      high = std::upper_bound(low, high, wanted, [&](int byte, const Entry& entry) {
        return byte < byte_at(entry.spelling, depth);
      });
      if (low == high) break;
      if (low->spelling.size() == depth + 1) longest = Found{from, from + depth + 1, low->id};
    }
    if (longest) return longest;
    ++from;
  }
}

}  // namespace r1
