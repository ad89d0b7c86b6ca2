// Arrays of floats with a shape: the activations that pass through a model.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace r1 {

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

  /// Where the gradient of the loss by these numbers is summed up; zeros at the first call.
  float* gradient() const;
  bool has_gradient() const;

 private:
  struct Storage;
  std::shared_ptr<Storage> storage_;
  Shape shape_;
};

}  // namespace r1
