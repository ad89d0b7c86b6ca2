// A cache of one sequence that owns its pages.
#pragma once

#include <list>
#include <vector>

#include "models/pass.h"

namespace r1 {

/// Pages for `positions` positions, zero as attention wants unused rows.
class OwnedCache : public SequenceCache {
 public:
  OwnedCache(const CacheShape& shape, std::int64_t positions) { reserve(shape, positions); }
  /// The same that shares the whole pages of a prefix of `prefix_positions`, whose cache must
  /// outlive this one.
  OwnedCache(const CacheShape& shape, std::int64_t positions, const SequenceCache& prefix,
             std::int64_t prefix_positions) {
    pages.assign(prefix.pages.begin(), prefix.pages.begin() + prefix_positions / kPagePositions);
    reserve(shape, positions);
  }
  OwnedCache(const OwnedCache&) = delete;
  OwnedCache& operator=(const OwnedCache&) = delete;

 private:
  void reserve(const CacheShape& shape, std::int64_t positions) {
    while (static_cast<std::int64_t>(pages.size()) * kPagePositions < positions) {
      memory_.emplace_back(static_cast<std::size_t>(shape.page_bytes()));
      pages.push_back(memory_.back().data());
    }
  }
  std::list<std::vector<std::byte>> memory_;
};

}  // namespace r1
