#include "generate/prefix_cache.h"

#include <algorithm>
#include <utility>

namespace r1 {
namespace {

std::int64_t common_size(std::span<const int> a, std::span<const int> b) {
  const std::size_t most = std::min(a.size(), b.size());
  const auto end = a.begin() + static_cast<std::ptrdiff_t>(most);
  return std::mismatch(a.begin(), end, b.begin()).first - a.begin();
}

}  // namespace

/// The deepest first, so that no parent is older than its children.
void PrefixCache::touch(Node* node) {
  for (; node != &root_; node = node->parent) {
    recent_.splice(recent_.begin(), recent_, node->recent);
  }
}

std::int64_t PrefixCache::find(std::span<const int> ids, PooledCache& cache) {
  Node* node = &root_;
  std::int64_t found = 0;
  for (;;) {
    const std::span<const int> rest = ids.subspan(static_cast<std::size_t>(found));
    if (rest.empty()) break;
    const auto size = std::min<std::size_t>(rest.size(), kPagePositions);
    const std::vector<int> key(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    // Of all children, the neighbours of the key's place have most in common with it.
    auto at = node->children.lower_bound(key);
    std::int64_t common = at == node->children.end() ? 0 : common_size(at->first, key);
    if (at != node->children.begin()) {
      const auto before = std::prev(at);
      if (const std::int64_t other = common_size(before->first, key); other > common) {
        common = other;
        at = before;
      }
    }
    if (common == 0) break;
    if (common == kPagePositions) {
      node = &at->second;
      pool_->share(node->page);
      cache.pages.push_back(node->page);
      found += common;
      continue;
    }
    if (pool_->pages_free() > 0) {
      node = &at->second;
      cache.pages.push_back(pool_->copy(node->page, common));
      found += common;
    }
    break;
  }
  touch(node);
  return found;
}

PrefixCache::Node* PrefixCache::add(Node& parent, std::vector<int> ids, std::byte* page) {
  const auto at = parent.children.try_emplace(std::move(ids)).first;
  Node& node = at->second;
  node.parent = &parent;
  node.self = at;
  node.page = page;
  pool_->share(page);
  recent_.push_front(&node);
  node.recent = recent_.begin();
  return &node;
}

void PrefixCache::keep(std::span<const int> ids, const PooledCache& cache) {
  Node* node = &root_;
  for (std::size_t i = 0; i * kPagePositions < ids.size(); ++i) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(i * kPagePositions);
    const auto left = std::min<std::ptrdiff_t>(ids.end() - begin, kPagePositions);
    std::vector<int> key(begin, begin + left);
    Children& children = node->children;
    auto at = children.lower_bound(key);
    const auto known = static_cast<std::int64_t>(key.size());
    if (at != children.end() && common_size(at->first, key) == known) {
      node = &at->second;  // as long or longer
      continue;
    }
    if (at != children.begin()) {
      at = std::prev(at);
      const auto size = static_cast<std::int64_t>(at->first.size());
      if (common_size(at->first, key) == size) {  // its beginning: this one replaces it
        recent_.erase(at->second.recent);
        pool_->give_back(at->second.page);
        children.erase(at);
      }
    }
    node = add(*node, std::move(key), cache.pages[i]);
  }
  touch(node);
  while (pages() > most_pages_) drop_oldest();
}

bool PrefixCache::drop_oldest() {
  if (recent_.empty()) return false;
  Node* oldest = recent_.back();
  recent_.pop_back();
  pool_->give_back(oldest->page);
  oldest->parent->children.erase(Children::const_iterator(oldest->self));
  return true;
}

void PrefixCache::clear() {
  while (drop_oldest()) {
  }
}

}  // namespace r1
