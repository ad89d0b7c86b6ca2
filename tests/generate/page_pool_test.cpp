#include "generate/page_pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace r1 {
namespace {

const CacheShape kShape = {.type = DType::f32, .layers = 2, .row_elements = 4};

bool is_zero(const std::byte* page) {
  return std::all_of(page, page + kShape.page_bytes(),
                     [](std::byte b) { return b == std::byte{}; });
}

TEST(PagePool, a_page_taken_again_is_zero) {
  PagePool pool(kShape, 1);
  std::byte* page = pool.take();
  EXPECT_TRUE(is_zero(page));
  std::fill_n(page, kShape.page_bytes(), std::byte{1});
  pool.give_back(page);
  EXPECT_EQ(pool.pages_free(), 1);
  EXPECT_TRUE(is_zero(pool.take()));
}

TEST(PagePool, more_pages_than_there_are_is_an_error_and_changes_nothing) {
  PagePool pool(kShape, 2);
  PooledCache cache(pool);
  cache.reserve(2 * kPagePositions);
  EXPECT_THROW(pool.take(), Error);
  EXPECT_THROW(PooledCache(pool).reserve(1), Error);
  EXPECT_EQ(pool.pages_in_use(), 2);
}

TEST(PagePool, a_fork_shares_whole_pages_and_copies_the_rest) {
  PagePool pool(kShape, 8);
  PooledCache cache(pool);
  cache.reserve(2 * kPagePositions + 1);
  cache.pages[2][0] = std::byte{7};
  PooledCache other = cache.fork(2 * kPagePositions + 1);
  EXPECT_EQ(pool.pages_in_use(), 4);
  EXPECT_EQ(other.pages[0], cache.pages[0]);
  EXPECT_EQ(other.pages[1], cache.pages[1]);
  ASSERT_NE(other.pages[2], cache.pages[2]);
  EXPECT_EQ(other.pages[2][0], std::byte{7});
}

TEST(PagePool, a_shared_page_lives_as_long_as_its_last_user) {
  PagePool pool(kShape, 8);
  PooledCache first(pool);
  first.reserve(kPagePositions);
  PooledCache second = first.fork(kPagePositions);
  first = PooledCache(pool);
  EXPECT_EQ(pool.pages_in_use(), 1);
  second = PooledCache(pool);
  EXPECT_EQ(pool.pages_in_use(), 0);
}

}  // namespace
}  // namespace r1
