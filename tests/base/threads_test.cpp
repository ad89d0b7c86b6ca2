#include "base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace r1 {
namespace {

TEST(Threads, every_item_runs_exactly_once_whatever_the_number_of_threads) {
  for (int count : {1, 2, 5}) {
    ThreadPool pool(count);
    for (int round = 0; round < 200; ++round) {
      std::vector<std::atomic<int>> seen(37);
      pool.parallel_for(37, [&](std::int64_t item, int thread) {
        ASSERT_LT(thread, count);
        seen[static_cast<std::size_t>(item)]++;
      });
      for (const auto& times : seen) ASSERT_EQ(times.load(), 1);
    }
  }
}

TEST(Threads, more_threads_than_processors_lose_and_repeat_nothing) {
  ThreadPool pool(8);
  for (int round = 0; round < 3000; ++round) {
    const std::int64_t items = 1 + round % 17;
    std::atomic<std::int64_t> sum{0};
    pool.parallel_for(items, [&](std::int64_t item, int) { sum += item + 1; });
    ASSERT_EQ(sum.load(), items * (items + 1) / 2);
  }
}

TEST(Threads, an_exception_in_a_body_reaches_the_caller_and_the_pool_goes_on) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.parallel_for(100,
                                 [](std::int64_t item, int) {
                                   if (item == 7) throw std::runtime_error("7");
                                 }),
               std::runtime_error);
  std::atomic<int> sum{0};
  pool.parallel_for(10, [&](std::int64_t item, int) { sum += static_cast<int>(item); });
  EXPECT_EQ(sum.load(), 45);
}

TEST(Threads, a_loop_inside_a_body_is_shared_by_one) {
  ThreadPool pool(3);
  EXPECT_EQ(pool.sharing(), 3);
  pool.parallel_for(2, [&](std::int64_t, int) { EXPECT_EQ(pool.sharing(), 1); });
  EXPECT_EQ(pool.sharing(), 3);
}

TEST(Threads, nested_loops_run_on_the_calling_thread) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  pool.parallel_for(
      4, [&](std::int64_t, int) { pool.parallel_for(4, [&](std::int64_t, int) { sum++; }); });
  EXPECT_EQ(sum.load(), 16);
}

}  // namespace
}  // namespace r1
