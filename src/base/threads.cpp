#include "base/threads.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace r1 {
namespace {

thread_local bool inside_parallel_for = false;

void pause_processor() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

}  // namespace

/// A loop is announced by raising `generation`; each worker answers by lowering `working`. Both
/// sides spin briefly, as one token's loops follow each other within microseconds, then sleep.
struct ThreadPool::Shared {
  std::atomic<std::uint64_t> generation{0};
  std::atomic<std::int64_t> next{0};
  std::atomic<int> working{0};
  std::int64_t items = 0;
  const std::function<void(std::int64_t, int)>* body = nullptr;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<int> sleeping{0};
  std::atomic<bool> stop{false};
  std::exception_ptr failure;
  std::mutex one_loop_at_a_time;
  std::vector<std::thread> workers;

  void share_of(int thread) {
    inside_parallel_for = true;
    try {
      for (;;) {
        const std::int64_t item = next.fetch_add(1, std::memory_order_relaxed);
        if (item >= items) break;
        (*body)(item, thread);
      }
    } catch (...) {
      next.store(items, std::memory_order_relaxed);
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
    inside_parallel_for = false;
  }

  std::uint64_t wait_for_loop(std::uint64_t seen) {
    constexpr int kSpins = 20000;
    for (int spin = 0; spin < kSpins; ++spin) {
      const std::uint64_t now = generation.load(std::memory_order_acquire);
      if (now != seen) return now;
      pause_processor();
    }
    std::unique_lock lock(mutex);
    sleeping.fetch_add(1);
    wake.wait(lock, [&] { return generation.load() != seen; });
    sleeping.fetch_sub(1);
    return generation.load();
  }

  void work(int thread) {
    std::uint64_t seen = 0;
    for (;;) {
      seen = wait_for_loop(seen);
      if (stop.load()) return;
      share_of(thread);
      working.fetch_sub(1, std::memory_order_release);
    }
  }

  void announce() {
    generation.fetch_add(1);
    if (sleeping.load() > 0) {
      {
        const std::lock_guard lock(mutex);
      }
      wake.notify_all();
    }
  }
};

ThreadPool::ThreadPool(int count) : shared_(std::make_unique<Shared>()) {
  for (int thread = 1; thread < count; ++thread) {
    shared_->workers.emplace_back([shared = shared_.get(), thread] { shared->work(thread); });
  }
}

ThreadPool::~ThreadPool() {
  shared_->stop.store(true);
  shared_->announce();
  for (std::thread& worker : shared_->workers) worker.join();
}

int ThreadPool::size() const {
  return static_cast<int>(shared_->workers.size()) + 1;
}

void ThreadPool::parallel_for(std::int64_t items,
                              const std::function<void(std::int64_t, int)>& body) {
  if (inside_parallel_for || shared_->workers.empty() || items <= 1) {
    for (std::int64_t item = 0; item < items; ++item) body(item, 0);
    return;
  }
  const std::lock_guard one_loop(shared_->one_loop_at_a_time);
  shared_->items = items;
  shared_->body = &body;
  shared_->next.store(0, std::memory_order_relaxed);
  shared_->working.store(static_cast<int>(shared_->workers.size()), std::memory_order_relaxed);
  shared_->announce();
  shared_->share_of(0);
  for (int spin = 0; shared_->working.load(std::memory_order_acquire) != 0; ++spin) {
    pause_processor();
    if (spin > 20000) std::this_thread::yield();
  }
  if (shared_->failure) std::rethrow_exception(std::exchange(shared_->failure, nullptr));
}

namespace {

std::unique_ptr<ThreadPool>& global_pool() {
  static std::unique_ptr<ThreadPool> pool = std::make_unique<ThreadPool>(
      static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  return pool;
}

}  // namespace

ThreadPool& threads() {
  return *global_pool();
}

void set_threads(int count) {
  if (count < 1 || count > 1024) {
    throw Error("--threads", std::to_string(count) + " is not a number of threads",
                "give 1 to 1024");
  }
  if (count != global_pool()->size()) global_pool() = std::make_unique<ThreadPool>(count);
}

}  // namespace r1
