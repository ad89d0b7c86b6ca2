#include "ops/linear.h"

#include <cassert>

#include "base/threads.h"
#include "kernels/elementwise.h"

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
          .y_stride = y.width()};
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

}  // namespace

std::vector<Tensor> linear(const Tensor& x, std::span<const Linear* const> layers) {
  std::vector<Tensor> results;
  std::vector<MatmulTask> tasks;
  for (const Linear* layer : layers) {
    assert(x.width() == layer->in() && layer->precision == layers[0]->precision);
    Tensor::Shape shape = x.shape();
    shape.back() = layer->out();
    results.push_back(Tensor::empty(shape));
    tasks.push_back(task_of(layer->weight, x, results.back()));
  }
  matmul(tasks, layers[0]->precision);
  for (std::size_t i = 0; i < layers.size(); ++i) add_bias_and_adapters(x, *layers[i], results[i]);
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
                     .y_stride = count * out});
  }
  matmul(tasks, heads[0].precision);
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
  return y;
}

}  // namespace r1
