#include "generate/prefix_cache.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace r1 {
namespace {

class PrefixCacheTest : public testing::Test {
 protected:
  /// A cache whose row at position p holds ids[p] + 1 in both layers.
  PooledCache filled(const std::vector<int>& ids) {
    PooledCache cache(pool);
    cache.reserve(static_cast<std::int64_t>(ids.size()));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      for (std::size_t layer = 0; layer < 2; ++layer) row(cache, layer, i) = ids[i] + 1;
    }
    return cache;
  }
  static int& row(const PooledCache& cache, std::size_t layer, std::size_t position) {
    std::byte* page = cache.pages[position / kPagePositions];
    return reinterpret_cast<int*>(page)[layer * kPagePositions + position % kPagePositions];
  }
  static std::vector<int> counting(int size, int first = 0) {
    std::vector<int> ids(static_cast<std::size_t>(size));
    std::iota(ids.begin(), ids.end(), first);
    return ids;
  }
  /// Positions found; all rows must be the ids' and those behind them zero.
  std::int64_t found(const std::vector<int>& ids) {
    PooledCache cache(pool);
    const std::int64_t positions = prefixes.find(ids, cache);
    for (std::size_t i = 0; i < cache.pages.size() * kPagePositions; ++i) {
      const int want = static_cast<std::int64_t>(i) < positions ? ids[i] + 1 : 0;
      for (std::size_t layer = 0; layer < 2; ++layer) EXPECT_EQ(row(cache, layer, i), want) << i;
    }
    return positions;
  }

  PagePool pool{{.type = DType::f32, .layers = 2, .row_elements = 1}, 16};
  PrefixCache prefixes{pool, 8};
};

TEST_F(PrefixCacheTest, finds_what_texts_have_in_common_to_the_token) {
  EXPECT_EQ(found(counting(300)), 0);
  const std::vector<int> ids = counting(300);
  prefixes.keep(ids, filled(ids));
  EXPECT_EQ(prefixes.pages(), 3);
  EXPECT_EQ(found(ids), 300);
  EXPECT_EQ(found(counting(1000)), 300);
  EXPECT_EQ(found(counting(299)), 299);
  EXPECT_EQ(found(counting(5)), 5);
  std::vector<int> other = ids;
  other[200] = 7;
  EXPECT_EQ(found(other), 200);
  other[0] = 7;
  EXPECT_EQ(found(other), 0);
  EXPECT_EQ(found({}), 0);
  EXPECT_EQ(pool.pages_in_use(), 3);
}

TEST_F(PrefixCacheTest, branches_are_told_apart) {
  std::vector<int> a = counting(140), b = a, c = a;
  b[130] = 1000;
  c[135] = 2000;
  for (const auto& ids : {a, b, c}) prefixes.keep(ids, filled(ids));
  EXPECT_EQ(prefixes.pages(), 4);  // they share the first
  for (const auto& ids : {a, b, c}) EXPECT_EQ(found(ids), 140);
}

TEST_F(PrefixCacheTest, a_longer_text_replaces_its_beginning) {
  const std::vector<int> ids = counting(100);
  PooledCache cache = filled(ids);
  prefixes.keep(std::span(ids).first(40), cache);  // its owner has written behind already
  EXPECT_EQ(found(ids), 40);
  prefixes.keep(ids, cache);
  prefixes.keep(std::span(ids).first(60), cache);
  EXPECT_EQ(prefixes.pages(), 1);
  EXPECT_EQ(found(ids), 100);
}

TEST_F(PrefixCacheTest, forgets_what_was_not_used_for_longest_and_leaves_first) {
  const std::vector<int> a = counting(300), b = counting(300, 5000);
  prefixes.keep(a, filled(a));
  prefixes.keep(b, filled(b));
  EXPECT_EQ(found(a), 300);
  EXPECT_TRUE(prefixes.drop_oldest());
  EXPECT_EQ(found(b), 256);
  EXPECT_EQ(found(a), 300);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(prefixes.drop_oldest());
  EXPECT_EQ(found(b), 0);
  EXPECT_EQ(found(a), 256);
  prefixes.clear();
  EXPECT_FALSE(prefixes.drop_oldest());
  EXPECT_EQ(pool.pages_in_use(), 0);
}

TEST_F(PrefixCacheTest, keeps_no_more_pages_than_it_may_and_none_that_others_hold) {
  const std::vector<int> a = counting(900), b = counting(500, 5000);
  prefixes.keep(a, filled(a));
  EXPECT_EQ(prefixes.pages(), 8);
  EXPECT_EQ(pool.pages_in_use(), 8);
  PooledCache user(pool);
  EXPECT_EQ(prefixes.find(std::span(a).first(384), user), 384);
  prefixes.keep(b, filled(b));
  prefixes.clear();
  EXPECT_EQ(pool.pages_in_use(), 3);
  EXPECT_EQ(row(user, 1, 200), 201);
}

TEST_F(PrefixCacheTest, copies_nothing_when_the_pool_is_full) {
  const std::vector<int> ids = counting(140);
  prefixes.keep(ids, filled(ids));
  PooledCache other(pool);
  other.reserve(14 * kPagePositions);
  EXPECT_EQ(found(ids), 128);
}

}  // namespace
}  // namespace r1
