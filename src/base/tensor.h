// Arrays of floats with a shape: the activations that pass through a model.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace r1 {

/// Memory that tensors gave back is kept for the next ones up to so many bytes; 192 MiB unless a
/// trainer, whose tensors of all layers live together, asks for more.
void keep_tensor_memory(std::int64_t bytes);

/// Gives what is kept back to the system.
void release_tensor_memory();

/// Bytes that tensors have now, and that are kept for the next ones.
struct TensorMemory {
  std::int64_t in_use, kept;
};
TensorMemory tensor_memory();

/// Where the gradient of the loss by a tensor's numbers is summed up. It lives on without the
/// numbers, so that what was recorded keeps no more than it needs; copies share it.
class Gradient {
 public:
  /// True once something was summed.
  bool arrived() const;
  /// The sum so far; zeros at the first call.
  float* data() const;
  /// For a product that can set or add: memory, and whether it must add to what stands there. If
  /// not, the memory is not initialised and all of it must be written.
  struct Target {
    float* data;
    bool accumulate;
  };
  Target target() const;
  std::int64_t elements() const;
  /// Forgets what was summed; the memory is kept for the next sum.
  void clear() const;

 private:
  friend class Tensor;
  struct Slot;
  std::shared_ptr<Slot> slot_;
};

/// While it lives, gradients are summed apart on its thread: each lane has sums of its own, so that
/// several threads can carry gradients to the same parameters. Threads begin in lane 0.
class GradientLane {
 public:
  static constexpr int kMost = 8;

  /// 0 <= lane < kMost.
  explicit GradientLane(int lane);
  ~GradientLane();
  GradientLane(const GradientLane&) = delete;
  GradientLane& operator=(const GradientLane&) = delete;

 private:
  int before_;
};

/// Contiguous, row-major floats. Copies share the numbers (and the gradient, once there is one).
class Tensor {
 public:
  using Shape = std::vector<std::int64_t>;

  Tensor() = default;
  /// Memory that is not initialised.
  static Tensor empty(Shape shape);
  static Tensor zeros(Shape shape);
  static Tensor of(Shape shape, std::span<const float> numbers);

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  std::int64_t dim(std::size_t axis) const { return shape_[axis]; }
  std::int64_t elements() const;
  /// Elements of the last axis, and how many such rows there are.
  std::int64_t width() const { return shape_.back(); }
  std::int64_t rows() const { return elements() / width(); }
  float* data();
  const float* data() const;
  std::span<const float> numbers() const { return {data(), static_cast<std::size_t>(elements())}; }
  /// The same numbers under another shape of as many elements.
  Tensor reshape(Shape shape) const;

  /// That of this thread's lane.
  Gradient gradient() const;
  Gradient gradient(int lane) const;

 private:
  struct Storage;
  std::shared_ptr<Storage> storage_;
  Shape shape_;
};

}  // namespace r1
