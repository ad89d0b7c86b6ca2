// What a forward leaves for its backward, in no more memory than the backward's products need.
#pragma once

#include <cstdint>

#include "base/tensor.h"
#include "kernels/bf16_rows.h"

namespace r1 {

/// A tensor's rows, rounded once for all products that read them.
class RoundedRows {
 public:
  RoundedRows() = default;
  /// x [..., width]; only where has_bf16_dot().
  explicit RoundedRows(const Tensor& x);

  bool defined() const { return memory_.defined(); }
  /// Nothing if undefined.
  const Bf16Rows& rows() const { return rows_; }

 private:
  Tensor memory_;  // a float's place holds two numbers
  Bf16Rows rows_;
};

/// A tensor's numbers: the tensor itself, or a copy rounded to bf16.
class Kept {
 public:
  Kept(const Tensor& x, bool rounded);

  bool rounded() const { return rounded_; }
  const float* floats() const { return numbers_.data(); }  // unless rounded()
  const std::uint16_t* bf16() const {                      // if rounded()
    return reinterpret_cast<const std::uint16_t*>(numbers_.data());
  }
  /// As floats, whether rounded or not.
  Tensor tensor() const;

 private:
  Tensor::Shape shape_;
  bool rounded_;
  Tensor numbers_;
};

}  // namespace r1
