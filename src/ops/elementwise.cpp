#include "ops/elementwise.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/elementwise.h"

namespace r1 {
namespace {

constexpr std::int64_t kGrain = 16384;  // elements that are worth a thread's while

std::int64_t rows_a_block(std::int64_t width) {
  return std::max<std::int64_t>(1, kGrain / width);
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
  return y;
}

Tensor silu_mul(const Tensor& gate, const Tensor& up) {
  assert(gate.shape() == up.shape());
  Tensor y = Tensor::empty(gate.shape());
  // Blocks are whole vectors, so that the same elements share a vector however many there are.
  parallel_blocks(y.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    silu_mul(gate.data() + begin, up.data() + begin, end - begin, y.data() + begin);
  });
  return y;
}

Tensor add(const Tensor& a, const Tensor& b) {
  assert(a.shape() == b.shape());
  Tensor y = Tensor::empty(a.shape());
  parallel_blocks(y.elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    add(a.data() + begin, b.data() + begin, end - begin, y.data() + begin);
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
  return y;
}

}  // namespace r1
