#include "base/tensor.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <utility>

namespace r1 {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20, kLargeBlock = 2 * kLargePage,
                      kAlwaysKept = std::size_t{768} << 20;

/// Blocks given back are kept for the next tensors of their size: a model asks for the same sizes
/// again and again, and fresh memory from the system costs a page fault every 4 KiB. What is kept
/// and what is in use are together at most an eighth more than was once in use, whatever sizes are
/// asked for, beside kAlwaysKept, which holds all that small models need.
class Pool {
 public:
  float* take(std::int64_t count, std::size_t& size) {
    size = size_class(static_cast<std::size_t>(count) * sizeof(float));
    std::unique_lock lock(mutex_);
    for (auto at = free_.lower_bound(size); at != free_.end() && at->first <= size + size / 4;
         ++at) {
      if (at->second.empty()) continue;
      float* block = at->second.back();
      at->second.pop_back();
      size = at->first;
      kept_ -= size;
      use(size);
      return block;
    }
    use(size);
    free_until(std::max(kAlwaysKept, most_used_ + most_used_ / 8 - used_));
    lock.unlock();
    return allocate(size);
  }

  void give(float* block, std::size_t size) {
    const std::lock_guard lock(mutex_);
    used_ -= size;
    if (kept_ + size > most_kept_) {
      release(block, size);
      return;
    }
    kept_ += size;
    free_[size].push_back(block);
  }

  void release_kept() {
    const std::lock_guard lock(mutex_);
    free_until(0);
    most_used_ = used_;
  }

  TensorMemory figures() {
    const std::lock_guard lock(mutex_);
    return {static_cast<std::int64_t>(used_), static_cast<std::int64_t>(kept_)};
  }

  void keep(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    most_kept_ = bytes;
    free_until(most_kept_);
  }

  ~Pool() {
    for (auto& [size, blocks] : free_) {
      for (float* block : blocks) release(block, size);
    }
  }

 private:
  void use(std::size_t size) {
    used_ += size;
    most_used_ = std::max(most_used_, used_);
  }

  /// Gives the largest back to the system until at most so many bytes are kept.
  void free_until(std::size_t bytes) {
    for (auto at = free_.rbegin(); at != free_.rend() && kept_ > bytes; ++at) {
      for (auto& blocks = at->second; !blocks.empty() && kept_ > bytes; blocks.pop_back()) {
        release(blocks.back(), at->first);
        kept_ -= at->first;
      }
    }
  }

  /// Large blocks are maps of their own, which leave no holes when they are given back, and lie in
  /// large pages where the system has them: fewer faults, and less to look up.
  static float* allocate(std::size_t size) {
    if (size < kLargeBlock) {
      void* block = std::aligned_alloc(64, size);
      if (block == nullptr) throw std::bad_alloc();
      return static_cast<float*>(block);
    }
    const std::size_t mapped = size + kLargePage;
    void* map = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    auto* begin = static_cast<std::byte*>(map);
    const std::size_t before =
        (kLargePage - reinterpret_cast<std::uintptr_t>(begin) % kLargePage) % kLargePage;
    if (before > 0) ::munmap(begin, before);
    // What is left behind is whole pages, as a size class of this size is.
    ::munmap(begin + before + size, kLargePage - before);
    // Whole large pages, as the rest of a last one would be memory for nothing.
    ::madvise(begin + before, size / kLargePage * kLargePage, MADV_HUGEPAGE);
    return reinterpret_cast<float*>(begin + before);
  }

  static void release(float* block, std::size_t size) {
    if (size < kLargeBlock) {
      std::free(block);
    } else {
      ::munmap(block, size);
    }
  }

  /// Rounded up to a sixteenth of the power of two below, at least a cache line.
  static std::size_t size_class(std::size_t bytes) {
    std::size_t step = 64;
    while (step * 32 < bytes) step *= 2;
    return std::max<std::size_t>((bytes + step - 1) / step * step, 64);
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<float*>> free_;
  std::size_t kept_ = 0, used_ = 0, most_used_ = 0;
  std::size_t most_kept_ = std::size_t{192} << 20;  // until keep() says otherwise
};

Pool& pool() {
  static Pool the_pool;
  return the_pool;
}

struct Block {
  explicit Block(std::int64_t count) : numbers(pool().take(count, size)) {}
  ~Block() { pool().give(numbers, size); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  std::size_t size = 0;
  float* numbers;
};

std::int64_t product(const Tensor::Shape& shape) {
  std::int64_t count = 1;
  for (std::int64_t extent : shape) count *= extent;
  return count;
}

}  // namespace

void keep_tensor_memory(std::int64_t bytes) {
  pool().keep(static_cast<std::size_t>(bytes));
}

void release_tensor_memory() {
  pool().release_kept();
}

TensorMemory tensor_memory() {
  return pool().figures();
}

struct Gradient::Slot {
  explicit Slot(std::int64_t count) : elements(count) {}
  std::int64_t elements;
  std::unique_ptr<Block> sum;
  bool arrived = false;
};

bool Gradient::arrived() const {
  return slot_ != nullptr && slot_->arrived;
}

Gradient::Target Gradient::target() const {
  if (!slot_->sum) slot_->sum = std::make_unique<Block>(slot_->elements);
  return {slot_->sum->numbers, std::exchange(slot_->arrived, true)};
}

float* Gradient::data() const {
  const Target to = target();
  if (!to.accumulate) std::fill_n(to.data, slot_->elements, 0.0f);
  return to.data;
}

std::int64_t Gradient::elements() const {
  return slot_->elements;
}

void Gradient::clear() const {
  if (slot_ != nullptr) slot_->arrived = false;
}

namespace {

thread_local int current_lane = 0;

}  // namespace

GradientLane::GradientLane(int lane) : before_(std::exchange(current_lane, lane)) {
  assert(0 <= lane && lane < kMost);
}
GradientLane::~GradientLane() {
  current_lane = before_;
}

struct Tensor::Storage {
  explicit Storage(std::int64_t count) : data(count), elements(count) {}
  Block data;
  std::int64_t elements;
  std::array<std::shared_ptr<Gradient::Slot>, GradientLane::kMost> gradients;  // of each lane
};

Tensor Tensor::empty(Shape shape) {
  Tensor tensor;
  tensor.storage_ = std::make_shared<Storage>(product(shape));
  tensor.shape_ = std::move(shape);
  return tensor;
}

Tensor Tensor::zeros(Shape shape) {
  Tensor tensor = empty(std::move(shape));
  std::fill_n(tensor.data(), tensor.elements(), 0.0f);
  return tensor;
}

Tensor Tensor::of(Shape shape, std::span<const float> numbers) {
  Tensor tensor = empty(std::move(shape));
  assert(static_cast<std::int64_t>(numbers.size()) == tensor.elements());
  std::copy(numbers.begin(), numbers.end(), tensor.data());
  return tensor;
}

std::int64_t Tensor::elements() const {
  return product(shape_);
}
float* Tensor::data() {
  return storage_->data.numbers;
}
const float* Tensor::data() const {
  return storage_->data.numbers;
}

Tensor Tensor::reshape(Shape shape) const {
  assert(product(shape) == elements());
  Tensor tensor = *this;
  tensor.shape_ = std::move(shape);
  return tensor;
}

Gradient Tensor::gradient() const {
  return gradient(current_lane);
}

Gradient Tensor::gradient(int lane) const {
  auto& slot = storage_->gradients[static_cast<std::size_t>(lane)];
  if (!slot) slot = std::make_shared<Gradient::Slot>(elements());
  Gradient gradient;
  gradient.slot_ = slot;
  return gradient;
}

}  // namespace r1
