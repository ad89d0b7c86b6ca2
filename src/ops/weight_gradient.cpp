#include "ops/weight_gradient.h"

namespace r1 {

GemmTask weight_gradient(const Learned& learned, const WeightUse& use) {
  const bool turned = learned.transposed;
  const std::int64_t rows = turned ? use.in : use.out;
  const std::int64_t width = learned.parameter.width();
  const Gradient gradient = learned.parameter.gradient();
  // A whole parameter's gradient can be set; of one in parts, the rest must be zero.
  const Gradient::Target to = rows * width == gradient.elements()
                                  ? gradient.target()
                                  : Gradient::Target{gradient.data(), true};
  return {.m = rows,
          .n = width,
          .k = use.tokens,
          .a = turned ? use.x : use.dy,
          .a_stride = turned ? use.x_stride : use.dy_stride,
          .a_transposed = true,
          .b = turned ? use.dy : use.x,
          .b_stride = turned ? use.dy_stride : use.x_stride,
          .b_transposed = false,
          .b_rounded = turned ? Bf16Rows{} : use.x_rounded,
          .y = to.data + learned.first_row * width,
          .y_stride = width,
          .accumulate = to.accumulate};
}

}  // namespace r1
