#include "ops/linear.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "ops/fp8.h"
#include "ops/kept.h"
#include "ops/tape.h"
#include "ops/weight_gradient.h"

namespace r1 {
namespace {

MatmulTask task_of(const Matrix& weight, const Tensor& x, Tensor& y) {
  return {.weights = weight,
          .x = x.data(),
          .x_stride = x.width(),
          .tokens = x.rows(),
          .y = y.data(),
          .y_stride = y.width(),
          .rounded = {}};
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
  std::vector<LowRankUse> changes;
  add_changes(layer, task_of(layer.weight, x, y), changes);
  add_low_rank(changes);
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
  return weight_gradient(use.layer->learned, {.out = use.layer->out(),
                                              .in = use.layer->in(),
                                              .tokens = use.tokens,
                                              .x = use.x,
                                              .x_stride = use.x_stride,
                                              .x_rounded = use.x_rounded,
                                              .dy = use.dy,
                                              .dy_stride = use.dy_stride});
}

/// The operands of an fp8 layer's gradients: dy goes back through the rounded weight with a scale a
/// token, and both come into the weight's gradient with a scale a channel.
struct Fp8Operands {
  Tensor dy_by_rows, dy_by_columns, x_by_columns;

  explicit Fp8Operands(const LinearUse& use) {
    const Fp8Source dy = {use.dy, use.tokens, use.layer->out(), use.dy_stride};
    dy_by_rows = fp8_by_rows(dy, 0);
    dy_by_columns = fp8_by_columns(dy);
    x_by_columns = fp8_by_columns({use.x, use.tokens, use.layer->in(), use.x_stride});
  }
  GemmTask input_task(LinearUse use) const {
    use.dy = dy_by_rows.data();
    use.dy_stride = use.layer->out();
    return r1::input_task(use, reinterpret_cast<const float*>(use.layer->weight.data), false);
  }
  GemmTask weight_task(LinearUse use) const {
    use.dy = dy_by_columns.data();
    use.dy_stride = use.layer->out();
    use.x = x_by_columns.data();
    use.x_stride = use.layer->in();
    return r1::weight_task(use);
  }
};

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

void add_changes(const Linear& layer, const MatmulTask& task, std::vector<LowRankUse>& changes) {
  for (const LowRank& change : layer.adapters) {
    changes.push_back({&change, task.tokens, task.x, task.x_stride, task.y, task.y_stride});
  }
}

Tensor input_of(const Linear& layer, const Tensor& x) {
  if (!layer.fp8) return x;
  return fp8_by_rows({x.data(), x.rows(), x.width(), x.width()}, kFp8LeastActivation)
      .reshape(x.shape());
}

void linear_gradient(std::span<const LinearUse> uses) {
  std::vector<GemmTask> tasks[2];
  std::vector<Fp8Operands> rounded;  // live until the products are done
  for (const LinearUse& use : uses) {
    const Learned& learned = use.layer->learned;
    if (!learned.parameter.defined()) {
      frozen_input_gradient(use);
      continue;
    }
    if (use.layer->fp8) {
      rounded.emplace_back(use);
      tasks[0].push_back(rounded.back().input_task(use));
      tasks[0].push_back(rounded.back().weight_task(use));
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
    for (const LowRank& change : use.layer->adapters) {
      add_gradients(
          {&change, use.tokens, use.x, use.x_stride, use.dy, use.dy_stride, use.dx, use.dx_stride});
    }
  }
}

std::vector<Tensor> linear(const Tensor& input, std::span<const Linear* const> layers) {
  const Tensor x = input_of(*layers[0], input);
  std::vector<Tensor> results;
  std::vector<MatmulTask> tasks;
  RoundedRows rounded;
  if (Tape::recording() != nullptr &&
      std::all_of(layers.begin(), layers.end(),
                  [](const Linear* layer) { return needs_rounded_input(*layer); })) {
    rounded = RoundedRows(x);
  }
  for (const Linear* layer : layers) {
    assert(x.width() == layer->in() && layer->precision == layers[0]->precision &&
           layer->fp8 == layers[0]->fp8);
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
                             gradient = input.gradient(), layer = *layers[i]](const float* dy) {
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

Tensor linear_heads(const Tensor& input, std::span<const Linear> heads) {
  const Tensor x = input_of(heads[0], input);
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
  std::vector<LowRankUse> changes;
  for (std::size_t head = 0; head < heads.size(); ++head) {
    add_changes(heads[head], tasks[head], changes);
  }
  add_low_rank(changes);
  if (Tape::recording() == nullptr) return y;
  on_backward(y, [x, gradient = input.gradient(),
                  layers = std::vector<Linear>(heads.begin(), heads.end())](const float* dy) {
    const std::int64_t all = static_cast<std::int64_t>(layers.size());
    const Gradient::Target dx = gradient.target();
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
