#include "ops/linear.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "ops/kept.h"
#include "ops/tape.h"

namespace r1 {
namespace {

Matrix as_matrix(const Tensor& tensor) {
  return {.data = reinterpret_cast<const std::byte*>(tensor.data()),
          .dtype = DType::f32,
          .rows = tensor.dim(0),
          .cols = tensor.dim(1),
          .row_bytes = tensor.dim(1) * 4,
          .block_scales = nullptr,
          .packed = false};
}

MatmulTask task_of(const Matrix& weight, const Tensor& x, Tensor& y) {
  return {.weights = weight,
          .x = x.data(),
          .x_stride = x.width(),
          .tokens = x.rows(),
          .y = y.data(),
          .y_stride = y.width(),
          .rounded = {}};
}

Tensor product(const Tensor& x, const Matrix& weight, Precision precision) {
  Tensor y = Tensor::empty({x.rows(), weight.rows});
  const MatmulTask task = task_of(weight, x, y);
  matmul({&task, 1}, precision);
  return y;
}

void add_bias_and_adapters(const Tensor& x, const Linear& layer, Tensor& y) {
  if (layer.bias.defined()) {
    parallel_blocks(y.rows(), 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        float* at = y.data() + row * y.width();
        add(at, layer.bias.data(), y.width(), at);
      }
    });
  }
  for (const LowRank& adapter : layer.adapters) {
    const Tensor inner = product(x, as_matrix(adapter.a), Precision::f32);
    const Tensor outer = product(inner, as_matrix(adapter.b), Precision::f32);
    add_scaled(outer.data(), adapter.factor, y.elements(), y.data());
  }
}

/// What the gradient's products are rounded to.
GemmNumbers numbers_of(const Linear& layer) {
  const bool floats = layer.precision == Precision::f32 || layer.weight.dtype == DType::f32 ||
                      layer.weight.dtype == DType::f16;
  return floats ? GemmNumbers::f32 : GemmNumbers::bf16;
}

/// dx = dy W, W [out, in] being floats from `weight` on, or W^T.
GemmTask input_task(const LinearUse& use, const float* weight, bool transposed) {
  const std::int64_t in = use.layer->in(), out = use.layer->out();
  return {.m = use.tokens,
          .n = in,
          .k = out,
          .a = use.dy,
          .a_stride = use.dy_stride,
          .a_transposed = false,
          .b = weight,
          .b_stride = transposed ? out : in,
          .b_transposed = transposed,
          .b_rounded = {},
          .y = use.dx,
          .y_stride = use.dx_stride,
          .accumulate = use.accumulate};
}

/// dW += dy^T x, or its transpose x^T dy.
GemmTask weight_task(const LinearUse& use) {
  const Learned& learned = use.layer->learned;
  const std::int64_t rows = learned.transposed ? use.layer->in() : use.layer->out();
  const std::int64_t width = learned.parameter.width();
  const Gradient gradient = learned.parameter.gradient();
  // A whole parameter's gradient can be set; of one in parts, the rest must be zero.
  const Gradient::Target to = rows * width == gradient.elements()
                                  ? gradient.target()
                                  : Gradient::Target{gradient.data(), true};
  const bool turned = learned.transposed;
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

/// dx of a frozen layer: its rows are dequantized some at a time.
void frozen_input_gradient(const LinearUse& use) {
  const Matrix& weight = use.layer->weight;
  const std::int64_t step = std::max<std::int64_t>(128, (std::int64_t{4} << 20) / weight.cols);
  Tensor floats = Tensor::empty({std::min(step, weight.rows), weight.cols});
  for (std::int64_t row = 0; row < weight.rows; row += step) {
    const std::int64_t rows = std::min(step, weight.rows - row);
    parallel_blocks(rows, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        dequantize_row(weight, row + r, floats.data() + r * weight.cols);
      }
    });
    GemmTask task = input_task(use, floats.data(), false);
    task.a += row;
    task.k = rows;
    task.accumulate = use.accumulate || row > 0;
    gemm({&task, 1}, numbers_of(*use.layer));
  }
}

/// y += factor B A x: with inner = factor A x, dB += dy^T inner and d inner = dy B.
void adapter_gradient(const LinearUse& use, const LowRank& adapter) {
  const std::int64_t rank = adapter.a.dim(0), in = adapter.a.dim(1), out = adapter.b.dim(0);
  Tensor inner = Tensor::empty({use.tokens, rank}), dinner = Tensor::empty(inner.shape());
  const GemmTask first[] = {{use.tokens,
                             rank,
                             in,
                             use.x,
                             use.x_stride,
                             false,
                             adapter.a.data(),
                             in,
                             true,
                             {},
                             inner.data(),
                             rank,
                             false},
                            {use.tokens,
                             rank,
                             out,
                             use.dy,
                             use.dy_stride,
                             false,
                             adapter.b.data(),
                             rank,
                             false,
                             {},
                             dinner.data(),
                             rank,
                             false}};
  gemm(first, GemmNumbers::f32);
  multiply_by(inner.data(), adapter.factor, inner.elements());
  multiply_by(dinner.data(), adapter.factor, dinner.elements());
  const GemmTask second[] = {{out,
                              rank,
                              use.tokens,
                              use.dy,
                              use.dy_stride,
                              true,
                              inner.data(),
                              rank,
                              false,
                              {},
                              adapter.b.gradient().data(),
                              rank,
                              true},
                             {rank,
                              in,
                              use.tokens,
                              dinner.data(),
                              rank,
                              true,
                              use.x,
                              use.x_stride,
                              false,
                              {},
                              adapter.a.gradient().data(),
                              in,
                              true},
                             {use.tokens,
                              in,
                              rank,
                              dinner.data(),
                              rank,
                              false,
                              adapter.a.data(),
                              in,
                              false,
                              {},
                              use.dx,
                              use.dx_stride,
                              true}};
  gemm(second, GemmNumbers::f32);
}

void bias_gradient(const LinearUse& use) {
  float* sum = use.layer->bias.gradient().data();
  for (std::int64_t t = 0; t < use.tokens; ++t) {
    add(sum, use.dy + t * use.dy_stride, use.layer->out(), sum);
  }
}

/// The use of a layer by all rows of x.
LinearUse use_of(const Linear& layer, const Tensor& x, const float* dy, bool accumulate,
                 float* dx) {
  return {.layer = &layer,
          .tokens = x.rows(),
          .x = x.data(),
          .x_stride = layer.in(),
          .x_rounded = {},
          .dy = dy,
          .dy_stride = layer.out(),
          .dx = dx,
          .dx_stride = layer.in(),
          .accumulate = accumulate};
}

}  // namespace

bool needs_rounded_input(const Linear& layer) {
  return layer.learned.parameter.defined() && layer.adapters.empty() &&
         rounds_to_bf16(layer.weight, layer.precision);
}

void linear_gradient(std::span<const LinearUse> uses) {
  std::vector<GemmTask> tasks[2];
  for (const LinearUse& use : uses) {
    const Learned& learned = use.layer->learned;
    if (!learned.parameter.defined()) {
      frozen_input_gradient(use);
      continue;
    }
    const float* weight = learned.parameter.data() + learned.first_row * learned.parameter.width();
    auto& mine = tasks[numbers_of(*use.layer) == GemmNumbers::f32 ? 0 : 1];
    mine.push_back(input_task(use, weight, learned.transposed));
    mine.push_back(weight_task(use));
  }
  if (!tasks[0].empty()) gemm(tasks[0], GemmNumbers::f32);
  if (!tasks[1].empty()) gemm(tasks[1], GemmNumbers::bf16);
  for (const LinearUse& use : uses) {
    if (use.layer->bias.defined()) bias_gradient(use);
    for (const LowRank& adapter : use.layer->adapters) adapter_gradient(use, adapter);
  }
}

std::vector<Tensor> linear(const Tensor& x, std::span<const Linear* const> layers) {
  std::vector<Tensor> results;
  std::vector<MatmulTask> tasks;
  RoundedRows rounded;
  if (Tape::recording() != nullptr &&
      std::all_of(layers.begin(), layers.end(),
                  [](const Linear* layer) { return needs_rounded_input(*layer); })) {
    rounded = RoundedRows(x);
  }
  for (const Linear* layer : layers) {
    assert(x.width() == layer->in() && layer->precision == layers[0]->precision);
    Tensor::Shape shape = x.shape();
    shape.back() = layer->out();
    results.push_back(Tensor::empty(shape));
    tasks.push_back(task_of(layer->weight, x, results.back()));
    tasks.back().rounded = rounded.rows();
  }
  matmul(tasks, layers[0]->precision);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    add_bias_and_adapters(x, *layers[i], results[i]);
    if (Tape::recording() == nullptr) continue;
    on_backward(results[i], [x = rounded.defined() ? Tensor() : x, rounded, tokens = x.rows(),
                             gradient = x.gradient(), layer = *layers[i]](const float* dy) {
      const Gradient::Target dx = gradient.target();
      const LinearUse use = {.layer = &layer,
                             .tokens = tokens,
                             .x = x.defined() ? x.data() : nullptr,
                             .x_stride = layer.in(),
                             .x_rounded = rounded.rows(),
                             .dy = dy,
                             .dy_stride = layer.out(),
                             .dx = dx.data,
                             .dx_stride = layer.in(),
                             .accumulate = dx.accumulate};
      linear_gradient({&use, 1});
    });
  }
  return results;
}

Tensor linear(const Tensor& x, const Linear& layer) {
  const Linear* layers[] = {&layer};
  return linear(x, layers)[0];
}

Tensor linear_heads(const Tensor& x, std::span<const Linear> heads) {
  const std::int64_t tokens = x.dim(0), count = x.dim(1), in = x.dim(2), out = heads[0].out();
  assert(count == static_cast<std::int64_t>(heads.size()));
  Tensor y = Tensor::empty({tokens, count, out});
  std::vector<MatmulTask> tasks;
  for (std::int64_t head = 0; head < count; ++head) {
    tasks.push_back({.weights = heads[static_cast<std::size_t>(head)].weight,
                     .x = x.data() + head * in,
                     .x_stride = count * in,
                     .tokens = tokens,
                     .y = y.data() + head * out,
                     .y_stride = count * out,
                     .rounded = {}});
  }
  matmul(tasks, heads[0].precision);
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [x, layers = std::vector<Linear>(heads.begin(), heads.end())](const float* dy) {
    const std::int64_t all = static_cast<std::int64_t>(layers.size());
    const Gradient::Target dx = x.gradient().target();
    std::vector<LinearUse> uses;
    for (std::int64_t head = 0; head < all; ++head) {
      const Linear& layer = layers[static_cast<std::size_t>(head)];
      LinearUse use =
          use_of(layer, x, dy + head * layer.out(), dx.accumulate, dx.data + head * layer.in());
      use.tokens = x.dim(0);
      use.x += head * layer.in();
      use.x_stride = use.dx_stride = all * layer.in();
      use.dy_stride = all * layer.out();
      uses.push_back(use);
    }
    linear_gradient(uses);
  });
  return y;
}

Tensor embedding(std::span<const int> ids, const Linear& table) {
  const auto tokens = static_cast<std::int64_t>(ids.size());
  Tensor y = Tensor::empty({tokens, table.weight.cols});
  parallel_blocks(tokens, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      dequantize_row(table.weight, ids[static_cast<std::size_t>(t)], y.data() + t * y.width());
    }
  });
  if (Tape::recording() == nullptr || !table.learned.parameter.defined()) return y;
  on_backward(y, [gradient = table.learned.parameter.gradient(), width = y.width(),
                  rows = std::vector<int>(ids.begin(), ids.end())](const float* dy) {
    float* sum = gradient.data();
    for (const int row : rows) {
      add(sum + row * width, dy, width, sum + row * width);
      dy += width;
    }
  });
  return y;
}

}  // namespace r1
