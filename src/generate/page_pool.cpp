#include "generate/page_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace r1 {

PagePool::PagePool(const CacheShape& shape, std::int64_t most_pages)
    : shape_(shape), most_pages_(most_pages) {}

PagePool::Page& PagePool::find(const std::byte* page) {
  return *std::lower_bound(pages_.begin(), pages_.end(), page,
                           [](const Page& a, const std::byte* b) { return a.memory.get() < b; });
}

std::byte* PagePool::take() {
  const auto size = static_cast<std::size_t>(shape_.page_bytes());
  if (in_use_ >= most_pages_) {
    throw Error("cache",
                "all " + std::to_string(most_pages_) + " pages of " +
                    std::to_string(kPagePositions) + " tokens are in use",
                "give a smaller context or fewer sequences");
  }
  std::byte* page = nullptr;
  if (!free_.empty()) {
    page = free_.back();
    free_.pop_back();
    std::memset(page, 0, size);
  } else {
    Page fresh = {std::make_unique<std::byte[]>(size), 0};
    page = fresh.memory.get();
    const auto at =
        std::upper_bound(pages_.begin(), pages_.end(), page,
                         [](const std::byte* a, const Page& b) { return a < b.memory.get(); });
    pages_.insert(at, std::move(fresh));
  }
  find(page).users = 1;
  ++in_use_;
  return page;
}

std::byte* PagePool::copy(const std::byte* page, std::int64_t positions) {
  std::byte* fresh = take();
  const std::int64_t row_bytes = shape_.row_bytes();
  for (std::int64_t layer = 0; layer < shape_.layers; ++layer) {
    const std::int64_t first = layer * kPagePositions * row_bytes;
    std::memcpy(fresh + first, page + first, static_cast<std::size_t>(positions * row_bytes));
  }
  return fresh;
}

void PagePool::share(std::byte* page) {
  ++find(page).users;
}

void PagePool::give_back(std::byte* page) {
  if (--find(page).users > 0) return;
  free_.push_back(page);
  --in_use_;
}

PooledCache::~PooledCache() {
  clear();
}

PooledCache::PooledCache(PooledCache&& other) noexcept : pool_(other.pool_) {
  pages = std::exchange(other.pages, {});
}

PooledCache& PooledCache::operator=(PooledCache&& other) noexcept {
  if (this == &other) return *this;
  clear();
  pool_ = other.pool_;
  pages = std::exchange(other.pages, {});
  return *this;
}

void PooledCache::clear() {
  for (std::byte* page : pages) pool_->give_back(page);
  pages.clear();
}

void PooledCache::reserve(std::int64_t positions) {
  while (static_cast<std::int64_t>(pages.size()) * kPagePositions < positions) {
    pages.push_back(pool_->take());
  }
}

PooledCache PooledCache::fork(std::int64_t positions) const {
  PooledCache other(*pool_);
  const std::int64_t whole = positions / kPagePositions;
  for (std::int64_t i = 0; i < whole; ++i) {
    std::byte* page = pages[static_cast<std::size_t>(i)];
    pool_->share(page);
    other.pages.push_back(page);
  }
  if (positions % kPagePositions != 0) {
    other.pages.push_back(
        pool_->copy(pages[static_cast<std::size_t>(whole)], positions % kPagePositions));
  }
  return other;
}

}  // namespace r1
