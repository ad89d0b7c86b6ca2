// Memory for caches, a page at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/pass.h"

namespace r1 {

/// Pages of one shape, counted by those who use them, so that sequences with a common beginning
/// hold it once. Pages are zero when taken. Not for several threads at once.
class PagePool {
 public:
  /// At most `most_pages` exist at a time.
  PagePool(const CacheShape& shape, std::int64_t most_pages);

  const CacheShape& shape() const { return shape_; }
  std::int64_t pages_in_use() const { return in_use_; }
  std::int64_t pages_free() const { return most_pages_ - in_use_; }

  /// A zeroed page with one user. Throws Error when all are in use.
  std::byte* take();
  /// A page with one user, the numbers of the first `positions` of `page` and else zeros.
  std::byte* copy(const std::byte* page, std::int64_t positions);
  void share(std::byte* page);
  /// One user less; the last one gives the page back.
  void give_back(std::byte* page);

 private:
  struct Page {
    std::unique_ptr<std::byte[]> memory;
    std::int64_t users = 0;
  };
  Page& find(const std::byte* page);

  CacheShape shape_;
  std::int64_t most_pages_, in_use_ = 0;
  std::vector<Page> pages_;  // sorted by address
  std::vector<std::byte*> free_;
};

/// A sequence's cache whose pages come from a pool and go back to it.
class PooledCache : public SequenceCache {
 public:
  explicit PooledCache(PagePool& pool) : pool_(&pool) {}
  ~PooledCache();
  PooledCache(PooledCache&& other) noexcept;
  PooledCache& operator=(PooledCache&& other) noexcept;
  PooledCache(const PooledCache&) = delete;
  PooledCache& operator=(const PooledCache&) = delete;

  PagePool& pool() const { return *pool_; }
  /// Has pages for `positions` positions from now on.
  void reserve(std::int64_t positions);
  /// A cache with the first `positions` positions of this one: whole pages are shared, the rest is
  /// copied.
  PooledCache fork(std::int64_t positions) const;

 private:
  void clear();
  PagePool* pool_;
};

}  // namespace r1
