// A small pool of threads that share loops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace r1 {

/// Threads that take the items of a loop as they become free. Which thread computes an item never
/// changes what is computed, so results don't depend on their number.
class ThreadPool {
 public:
  /// `count` threads in all, the calling one included; at least 1.
  explicit ThreadPool(int count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;
  /// Threads that share a loop which begins here: size(), or 1 inside a body.
  int sharing() const;
  /// Calls body(item, thread) for each item of [0, items) with 0 <= thread < size(), and returns
  /// when all are done. Calls from inside a body run on the calling thread alone. The first
  /// exception thrown by a body is thrown again here.
  void parallel_for(std::int64_t items, const std::function<void(std::int64_t, int)>& body);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

/// The pool that kernels use; as many threads as processors until set_threads() is called.
ThreadPool& threads();
/// Replaces the pool; call it while no kernel runs. Throws Error unless 1 <= count <= 1024.
void set_threads(int count);

/// Splits [0, count) into blocks of `grain` and calls body(begin, end) for each, on all threads.
template <typename Body>
void parallel_blocks(std::int64_t count, std::int64_t grain, const Body& body) {
  const std::int64_t blocks = (count + grain - 1) / grain;
  if (blocks <= 1) {
    if (count > 0) body(std::int64_t{0}, count);
    return;
  }
  threads().parallel_for(blocks, [&](std::int64_t block, int) {
    const std::int64_t begin = block * grain;
    body(begin, begin + grain < count ? begin + grain : count);
  });
}

}  // namespace r1
