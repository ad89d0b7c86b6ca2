// A cache of one sequence that owns its pages.
#pragma once

#include <list>
#include <vector>

#include "models/pass.h"

namespace r1 {

/// Pages for `positions` positions, zero as attention wants unused rows.
class OwnedCache : public SequenceCache {
 public:
  OwnedCache(const CacheShape& shape, std::int64_t positions) {
    for (std::int64_t at = 0; at < positions; at += kPagePositions) {
      memory_.emplace_back(static_cast<std::size_t>(shape.page_bytes()));
      pages.push_back(memory_.back().data());
    }
  }
  OwnedCache(const OwnedCache&) = delete;
  OwnedCache& operator=(const OwnedCache&) = delete;

 private:
  std::list<std::vector<std::byte>> memory_;
};

}  // namespace r1
