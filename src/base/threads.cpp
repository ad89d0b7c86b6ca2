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

/// A loop is announced by `ticket`: its number in the upper half, the next item in the lower. A
/// thread owns an item once it has raised the ticket of that very loop, so a worker that comes late
/// touches nothing, and the loop ends when its items are done, not when every worker was there.
/// Both sides spin briefly, as one token's loops follow each other within microseconds.
struct ThreadPool::Shared {
  static constexpr std::uint64_t kItem = 0xffffffff;

  std::atomic<std::uint64_t> ticket{0};
  std::atomic<std::int64_t> items{0};
  std::atomic<std::int64_t> done{0};
  std::atomic<const std::function<void(std::int64_t, int)>*> body{nullptr};
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<int> sleeping{0};
  std::atomic<bool> stop{false};
  std::exception_ptr failure;
  std::mutex one_loop_at_a_time;
  std::vector<std::thread> workers;

  /// The next item of the loop, or -1 if it has none left.
  std::int64_t claim(std::uint64_t loop) {
    std::uint64_t now = ticket.load(std::memory_order_acquire);
    for (;;) {
      const auto item = static_cast<std::int64_t>(now & kItem);
      if (now >> 32 != loop || item >= items.load(std::memory_order_relaxed)) return -1;
      if (ticket.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel)) return item;
    }
  }

  void share_of(std::uint64_t loop, int thread) {
    inside_parallel_for = true;
    for (std::int64_t item = claim(loop); item >= 0; item = claim(loop)) {
      try {
        (*body.load(std::memory_order_relaxed))(item, thread);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
      done.fetch_add(1, std::memory_order_release);
    }
    inside_parallel_for = false;
  }

  std::uint64_t wait_for_loop(std::uint64_t seen) {
    constexpr int kSpins = 20000;
    const auto loop = [&] { return ticket.load(std::memory_order_acquire) >> 32; };
    for (int spin = 0; spin < kSpins; ++spin) {
      if (const std::uint64_t now = loop(); now != seen) return now;
      pause_processor();
    }
    std::unique_lock lock(mutex);
    sleeping.fetch_add(1);
    wake.wait(lock, [&] { return loop() != seen; });
    sleeping.fetch_sub(1);
    return loop();
  }

  void work(int thread) {
    std::uint64_t seen = 0;
    for (;;) {
      seen = wait_for_loop(seen);
      if (stop.load()) return;
      share_of(seen, thread);
    }
  }

  std::uint64_t announce(std::int64_t count, const std::function<void(std::int64_t, int)>& what) {
    // First a loop with no items to claim, so that nobody can take one while they change.
    const std::uint64_t closed = (ticket.load() >> 32) + 1;
    ticket.store(closed << 32 | kItem);
    items.store(count);
    done.store(0);
    body.store(&what);
    const std::uint64_t loop = (closed + 1) & kItem;
    ticket.store(loop << 32);
    if (sleeping.load() > 0) {
      {
        const std::lock_guard lock(mutex);
      }
      wake.notify_all();
    }
    return loop;
  }
};

ThreadPool::ThreadPool(int count) : shared_(std::make_unique<Shared>()) {
  for (int thread = 1; thread < count; ++thread) {
    shared_->workers.emplace_back([shared = shared_.get(), thread] { shared->work(thread); });
  }
}

ThreadPool::~ThreadPool() {
  shared_->stop.store(true);
  shared_->announce(0, [](std::int64_t, int) {});
  for (std::thread& worker : shared_->workers) worker.join();
}

int ThreadPool::size() const {
  return static_cast<int>(shared_->workers.size()) + 1;
}

int ThreadPool::sharing() const {
  return inside_parallel_for ? 1 : size();
}

void ThreadPool::parallel_for(std::int64_t items,
                              const std::function<void(std::int64_t, int)>& body) {
  if (inside_parallel_for || shared_->workers.empty() || items <= 1) {
    for (std::int64_t item = 0; item < items; ++item) body(item, 0);
    return;
  }
  const std::lock_guard one_loop(shared_->one_loop_at_a_time);
  const std::uint64_t loop = shared_->announce(items, body);
  shared_->share_of(loop, 0);
  for (int spin = 0; shared_->done.load(std::memory_order_acquire) != items; ++spin) {
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
