// Joining neighbouring symbols, best pair first: the loop that byte-pair encoding and SentencePiece
// share. Of pairs of equal rank the leftmost is joined first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <queue>
#include <vector>

namespace r1 {

/// Bytes begin to end of a text, and the token they are; -1 if they are none.
struct Symbol {
  std::uint32_t begin, end;
  std::int32_t id;
};

/// What a pair of neighbours would become; the lowest rank is joined first.
struct PairMerge {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t rank = none;  // none: the pair isn't joined
  std::int32_t id = -1;
};

namespace detail {

/// For few symbols: looks for the best pair again and again.
template <typename Lookup>
void merge_few(std::vector<Symbol>& symbols, const Lookup& lookup, std::vector<PairMerge>& merges) {
  merges.clear();  // merges[i] is of symbols i and i + 1
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
    merges.push_back(lookup(symbols[i], symbols[i + 1]));
  }
  for (;;) {
    std::size_t best = 0;
    std::uint32_t rank = PairMerge::none;
    for (std::size_t i = 0; i < merges.size(); ++i) {
      if (merges[i].rank < rank) {
        rank = merges[i].rank;
        best = i;
      }
    }
    if (rank == PairMerge::none) return;
    symbols[best].end = symbols[best + 1].end;
    symbols[best].id = merges[best].id;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    merges.erase(merges.begin() + static_cast<std::ptrdiff_t>(best));
    if (best > 0) merges[best - 1] = lookup(symbols[best - 1], symbols[best]);
    if (best < merges.size()) merges[best] = lookup(symbols[best], symbols[best + 1]);
  }
}

/// For many symbols: a queue of candidate pairs over a linked list; n log n in all.
template <typename Lookup>
void merge_many(std::vector<Symbol>& symbols, const Lookup& lookup) {
  constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
  struct Candidate {
    std::uint32_t rank, left, right, end;
    std::int32_t id;
    bool operator<(const Candidate& other) const {  // the queue's top is the greatest
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  struct Links {
    std::uint32_t previous, next;
    bool joined = false;  // into the symbol before it
  };
  const auto count = static_cast<std::uint32_t>(symbols.size());
  std::vector<Links> links(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    links[i] = {i == 0 ? nowhere : i - 1, i + 1 == count ? nowhere : i + 1};
  }
  std::priority_queue<Candidate> queue;
  const auto consider = [&](std::uint32_t left, std::uint32_t right) {
    if (left == nowhere || right == nowhere) return;
    const PairMerge merge = lookup(symbols[left], symbols[right]);
    if (merge.rank == PairMerge::none) return;
    queue.push({merge.rank, left, right, symbols[right].end, merge.id});
  };
  for (std::uint32_t i = 0; i + 1 < count; ++i) consider(i, i + 1);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    // A candidate is stale if either symbol has been joined with another since.
    if (links[best.left].joined || links[best.left].next != best.right ||
        symbols[best.right].end != best.end) {
      continue;
    }
    symbols[best.left].end = best.end;
    symbols[best.left].id = best.id;
    links[best.right].joined = true;
    const std::uint32_t next = links[best.right].next;
    links[best.left].next = next;
    if (next != nowhere) links[next].previous = best.left;
    consider(links[best.left].previous, best.left);
    consider(best.left, next);
  }
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!links[i].joined) symbols[kept++] = symbols[i];
  }
  symbols.resize(kept);
}

}  // namespace detail

/// Working memory that one piece after the other is encoded in.
struct MergeMemory {
  std::vector<Symbol> symbols;
  std::vector<PairMerge> merges;
};

/// Joins neighbours among memory.symbols until no pair can be joined. lookup(left, right) answers a
/// PairMerge.
template <typename Lookup>
void merge_symbols(MergeMemory& memory, const Lookup& lookup) {
  constexpr std::size_t few = 32;
  if (memory.symbols.size() <= few) {
    detail::merge_few(memory.symbols, lookup, memory.merges);
  } else {
    detail::merge_many(memory.symbols, lookup);
  }
}

}  // namespace r1
