// Logits of many rows, some at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/tensor.h"
#include "ops/linear.h"

namespace r1 {

/// Rows whose logits are held at a time: about 32 MB, in whole chunks of the gradient's products.
inline std::int64_t logit_rows_at_a_time(std::int64_t vocab) {
  return std::max<std::int64_t>(1, (std::int64_t{8} << 20) / vocab / 128) * 128;
}

/// Rows [first, first + count) of x, copied.
inline Tensor part_of(const Tensor& x, std::int64_t first, std::int64_t count) {
  return Tensor::of({count, x.width()},
                    x.numbers().subspan(static_cast<std::size_t>(first * x.width()),
                                        static_cast<std::size_t>(count * x.width())));
}

/// Calls visit(first row, logits [some rows, vocab]) until all rows of hidden [rows, width] were
/// visited. The visitor may write to the logits.
template <typename Visit>
void for_each_logit_part(const Tensor& hidden, const Linear& head, const Visit& visit) {
  const std::int64_t step = logit_rows_at_a_time(head.out());
  for (std::int64_t first = 0; first < hidden.rows(); first += step) {
    Tensor logits = linear(part_of(hidden, first, std::min(step, hidden.rows() - first)), head);
    visit(first, logits);
  }
}

/// Adds to the head's gradient, and gives that by the rows from `first` on, from `slopes`, the
/// gradient by a part's logits.
inline void logit_part_gradient(const Tensor& hidden, const Linear& head, std::int64_t first,
                                const Tensor& slopes, const Gradient::Target& dx) {
  const LinearUse use = {.layer = &head,
                         .tokens = slopes.rows(),
                         .x = hidden.data() + first * head.in(),
                         .x_stride = head.in(),
                         .dy = slopes.data(),
                         .dy_stride = slopes.width(),
                         .dx = dx.data + first * head.in(),
                         .dx_stride = head.in(),
                         .accumulate = dx.accumulate};
  linear_gradient({&use, 1});
}

}  // namespace r1
