#include "ops/elementwise.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/elementwise_gradient.h"
#include "ops/kept.h"
#include "ops/tape.h"

namespace r1 {
namespace {

constexpr std::int64_t kGrain = 16384;  // elements that are worth a thread's while

std::int64_t rows_a_block(std::int64_t width) {
  return std::max<std::int64_t>(1, kGrain / width);
}

/// to = from, or to += from, both [rows][width], rows `to_stride` and `from_stride` apart.
void give_rows(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t width,
               std::int64_t to_stride, const Gradient::Target& to) {
  parallel_blocks(rows, rows_a_block(width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* at = to.data + row * to_stride;
      if (to.accumulate) {
        add(at, from + row * from_stride, width, at);
      } else {
        std::copy_n(from + row * from_stride, width, at);
      }
    }
  });
}

void give_all(const float* from, const Gradient& gradient) {
  const Gradient::Target to = gradient.target();
  parallel_blocks(gradient.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    give_rows(from + begin, 0, 1, end - begin, 0, {to.data + begin, to.accumulate});
  });
}

/// dx and dweight of rms_norm, both added to. The weight's sum runs over the rows in their order,
/// whatever part of its columns a thread has.
void rms_norm_gradient(const Tensor& x, const Tensor& weight, float eps, const float* dy) {
  const std::int64_t width = x.width(), rows = x.rows();
  const Gradient::Target dx = x.gradient().target();
  float* dweight = weight.gradient().data();
  std::vector<float> factors(static_cast<std::size_t>(rows));
  parallel_blocks(rows, rows_a_block(width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = row * width;
      factors[static_cast<std::size_t>(row)] = rms_norm_row_gradient(
          x.data() + at, weight.data(), dy + at, eps, width, dx.accumulate, dx.data + at);
    }
  });
  parallel_blocks(width, 128, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t at = row * width + begin;
      add_product(x.data() + at, dy + at, factors[static_cast<std::size_t>(row)], end - begin,
                  dweight + begin);
    }
  });
}

}  // namespace

Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps) {
  assert(x.width() == weight.elements());
  Tensor y = Tensor::empty(x.shape());
  const std::int64_t width = x.width();
  parallel_blocks(x.rows(), rows_a_block(width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      rms_norm_row(x.data() + row * width, weight.data(), eps, width, y.data() + row * width);
    }
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [x, weight, eps](const float* dy) { rms_norm_gradient(x, weight, eps, dy); });
  return y;
}

Tensor silu_mul(const Tensor& gate, const Tensor& up, bool rounded) {
  assert(gate.shape() == up.shape());
  Tensor y = Tensor::empty(gate.shape());
  // Blocks are whole vectors, so that the same elements share a vector however many there are.
  parallel_blocks(y.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    silu_mul(gate.data() + begin, up.data() + begin, end - begin, y.data() + begin);
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [kept_gate = Kept(gate, rounded), kept_up = Kept(up, rounded),
                  dgate = gate.gradient(), dup = up.gradient()](const float* dy) {
    const bool accumulate = dgate.arrived() || dup.arrived();
    float* to_gate = accumulate ? dgate.data() : dgate.target().data;
    float* to_up = accumulate ? dup.data() : dup.target().data;
    parallel_blocks(dgate.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t count = end - begin;
      if (kept_gate.rounded()) {
        silu_mul_gradient(kept_gate.bf16() + begin, kept_up.bf16() + begin, dy + begin, count,
                          accumulate, to_gate + begin, to_up + begin);
      } else {
        silu_mul_gradient(kept_gate.floats() + begin, kept_up.floats() + begin, dy + begin, count,
                          accumulate, to_gate + begin, to_up + begin);
      }
    });
  });
  return y;
}

Tensor add(const Tensor& a, const Tensor& b) {
  assert(a.shape() == b.shape());
  Tensor y = Tensor::empty(a.shape());
  parallel_blocks(y.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    add(a.data() + begin, b.data() + begin, end - begin, y.data() + begin);
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [da = a.gradient(), db = b.gradient()](const float* dy) {
    for (const Gradient* gradient : {&da, &db}) give_all(dy, *gradient);
  });
  return y;
}

Tensor columns(const Tensor& x, std::int64_t first, std::int64_t count) {
  Tensor::Shape shape = x.shape();
  shape.back() = count;
  Tensor y = Tensor::empty(shape);
  parallel_blocks(x.rows(), rows_a_block(count), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::copy_n(x.data() + row * x.width() + first, count, y.data() + row * count);
    }
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(
      y, [dx = x.gradient(), rows = x.rows(), width = x.width(), first, count](const float* dy) {
        give_rows(dy, count, rows, count, width, {dx.data() + first, true});
      });
  return y;
}

Tensor concatenate(const Tensor& a, const Tensor& b) {
  assert(a.rows() == b.rows());
  Tensor::Shape shape = a.shape();
  shape.back() = a.width() + b.width();
  Tensor y = Tensor::empty(shape);
  parallel_blocks(a.rows(), rows_a_block(y.width()), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* to = y.data() + row * y.width();
      std::copy_n(a.data() + row * a.width(), a.width(), to);
      std::copy_n(b.data() + row * b.width(), b.width(), to + a.width());
    }
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [da = a.gradient(), db = b.gradient(), rows = y.rows(), a_width = a.width(),
                  b_width = b.width()](const float* dy) {
    const std::int64_t width = a_width + b_width;
    give_rows(dy, width, rows, a_width, a_width, da.target());
    give_rows(dy + a_width, width, rows, b_width, b_width, db.target());
  });
  return y;
}

Tensor select_rows(const Tensor& x, std::span<const std::int64_t> indices) {
  Tensor y = Tensor::empty({static_cast<std::int64_t>(indices.size()), x.width()});
  parallel_blocks(y.rows(), rows_a_block(x.width()), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::copy_n(x.data() + indices[static_cast<std::size_t>(row)] * x.width(), x.width(),
                  y.data() + row * x.width());
    }
  });
  if (Tape::recording() == nullptr) return y;
  on_backward(y,
              [dx = x.gradient(), width = x.width(),
               rows = std::vector<std::int64_t>(indices.begin(), indices.end())](const float* dy) {
                float* to = dx.data();
                for (const std::int64_t row : rows) {
                  add(to + row * width, dy, width, to + row * width);
                  dy += width;
                }
              });
  return y;
}

Tensor weighted_sum(const Tensor& x, std::span<const float> weights) {
  assert(x.elements() == static_cast<std::int64_t>(weights.size()));
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += static_cast<double>(weights[i]) * static_cast<double>(x.data()[i]);
  }
  Tensor y = Tensor::empty({1});
  y.data()[0] = static_cast<float>(sum);
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [dx = x.gradient(),
                  weights = std::vector<float>(weights.begin(), weights.end())](const float* dy) {
    add_scaled(weights.data(), dy[0], static_cast<std::int64_t>(weights.size()), dx.data());
  });
  return y;
}

}  // namespace r1
