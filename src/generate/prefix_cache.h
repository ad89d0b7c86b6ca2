// What finished sequences leave behind, to be found by those that begin alike.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <vector>

#include "generate/page_pool.h"

namespace r1 {

/// A tree of pages: a node's children are the pages that follow it, by the tokens they hold; only
/// leaves may be filled in part. The least recently used leaf goes first. Not for several threads
/// at once.
class PrefixCache {
 public:
  /// Keeps at most `most_pages` pages of the pool, which must outlive it.
  PrefixCache(PagePool& pool, std::int64_t most_pages) : pool_(&pool), most_pages_(most_pages) {}
  ~PrefixCache() { clear(); }
  PrefixCache(const PrefixCache&) = delete;
  PrefixCache& operator=(const PrefixCache&) = delete;

  /// Gives an empty cache the longest known beginning of `ids` and returns its positions. Whole
  /// pages are shared; of a page that goes on differently the common rows are copied, if the pool
  /// has a free one.
  std::int64_t find(std::span<const int> ids, PooledCache& cache);
  /// Remembers the pages of a sequence whose first rows are those of `ids`. The owner may go on to
  /// write rows behind them.
  void keep(std::span<const int> ids, const PooledCache& cache);
  /// Forgets the page that has not been used for longest; false if there is none.
  bool drop_oldest();
  void clear();
  std::int64_t pages() const { return static_cast<std::int64_t>(recent_.size()); }

 private:
  struct Node;
  using Children = std::map<std::vector<int>, Node>;
  struct Node {
    Node* parent = nullptr;
    Children children;
    Children::iterator self;  // its place among its parent's children
    std::byte* page = nullptr;
    std::list<Node*>::iterator recent;
  };
  void touch(Node* node);
  Node* add(Node& parent, std::vector<int> ids, std::byte* page);

  PagePool* pool_;
  std::int64_t most_pages_;
  Node root_;
  std::list<Node*> recent_;  // the last used first, so parents before their children
};

}  // namespace r1
