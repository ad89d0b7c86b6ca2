#include "learn/update_rules.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/optimizer.h"

namespace r1 {
namespace {

constexpr std::int64_t kBlock = 65536;  // numbers that a thread takes at a time

/// Numbers as many as a parameter's, float or bf16, from zero.
class Moment {
 public:
  Moment(const Tensor::Shape& shape, DType type)
      : shape_(shape), type_(type), memory_(Tensor::zeros(memory_shape(shape, type))) {}

  bool is_float() const { return type_ == DType::f32; }
  float* floats() { return memory_.data(); }
  std::uint16_t* bf16() { return reinterpret_cast<std::uint16_t*>(memory_.data()); }
  void visit(const std::string& name, State& state) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape_) count *= extent;
    const auto bytes = static_cast<std::size_t>(bytes_of(type_, count));
    state.array(name, type_, shape_, {reinterpret_cast<std::byte*>(memory_.data()), bytes});
  }

 private:
  /// A tensor's floats are the memory of two bf16 each.
  static Tensor::Shape memory_shape(const Tensor::Shape& shape, DType type) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    return {(bytes_of(type, count) + 3) / 4};
  }

  Tensor::Shape shape_;
  DType type_;
  Tensor memory_;
};

bool decays(const Tensor& value) {
  return value.shape().size() >= 2;
}

float kept_by_decay(const StepSize& size, const OptimizerOptions& options, const Tensor& value) {
  return decays(value) ? static_cast<float>(1 - size.learning_rate * options.weight_decay) : 1.0f;
}

class AdamWRule final : public UpdateRule {
 public:
  AdamWRule(const Tensor& value, const OptimizerOptions& options)
      : options_(options),
        first_(value.shape(), options.moments),
        second_(value.shape(), options.moments) {}

  void update(const StepSize& size, const float* gradient, Tensor& value) override {
    const auto n = static_cast<double>(size.step);
    const AdamWStep step = {
        .keep = kept_by_decay(size, options_, value),
        .beta1 = static_cast<float>(options_.beta1),
        .beta2 = static_cast<float>(options_.beta2),
        .rate = static_cast<float>(size.learning_rate / (1 - std::pow(options_.beta1, n))),
        .root = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, n))),
        .eps = static_cast<float>(options_.eps),
        .scale = size.gradient_scale};
    float* weight = value.data();
    parallel_blocks(value.elements(), kBlock, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t count = end - begin;
      if (first_.is_float()) {
        adamw(step, gradient + begin, count, weight + begin, first_.floats() + begin,
              second_.floats() + begin);
      } else {
        adamw(step, gradient + begin, count, weight + begin, first_.bf16() + begin,
              second_.bf16() + begin);
      }
    });
  }

  void visit(const std::string& parameter, State& state) override {
    first_.visit("adamw.first." + parameter, state);
    second_.visit("adamw.second." + parameter, state);
  }

 private:
  OptimizerOptions options_;
  Moment first_, second_;
};

/// The nearest matrix with orthonormal rows, roughly: five steps of Newton and Schulz by Jordan's
/// polynomial, which bring every singular value near 1. x [rows, cols], rows <= cols.
void make_orthogonal(std::int64_t rows, std::int64_t cols, Tensor& x) {
  constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;
  Tensor gram = Tensor::empty({rows, rows}), polynomial = Tensor::empty({rows, rows});
  const auto product = [](std::int64_t m, std::int64_t n, std::int64_t k, const Tensor& a,
                          const Tensor& b, bool b_transposed, Tensor& y) {
    const GemmTask task = {.m = m,
                           .n = n,
                           .k = k,
                           .a = a.data(),
                           .a_stride = k,
                           .a_transposed = false,
                           .b = b.data(),
                           .b_stride = b_transposed ? k : n,
                           .b_transposed = b_transposed,
                           .b_rounded = {},
                           .y = y.data(),
                           .y_stride = n,
                           .accumulate = false};
    gemm({&task, 1}, GemmNumbers::bf16);
  };
  for (int i = 0; i < 5; ++i) {
    product(rows, rows, cols, x, x, true, gram);
    product(rows, rows, rows, gram, gram, false, polynomial);
    combine(kB, gram.data(), kC, gram.elements(), polynomial.data());
    Tensor turned = Tensor::empty({rows, cols});
    product(rows, cols, rows, polynomial, x, false, turned);
    combine(kA, x.data(), 1.0f, x.elements(), turned.data());
    x = turned;
  }
}

Tensor transposed(const Tensor& x) {
  Tensor turned = Tensor::empty({x.width(), x.rows()});
  const std::int64_t rows = x.rows(), cols = x.width();
  parallel_blocks(cols, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t col = begin; col < end; ++col) {
        turned.data()[col * rows + row] = x.data()[row * cols + col];
      }
    }
  });
  return turned;
}

/// Muon with Nesterov's momentum. An orthogonal matrix of a rows and b columns has a mean square of
/// 1 / max(a, b); steps are made as large as AdamW's usually are, 0.2 of the learning rate (Liu et
/// al., Muon is scalable for LLM training), so that both take the same learning rate.
class MuonRule final : public UpdateRule {
 public:
  MuonRule(const Tensor& value, const OptimizerOptions& options)
      : options_(options), momentum_(value.shape(), options.moments) {}

  void update(const StepSize& size, const float* gradient, Tensor& value) override {
    Tensor direction = Tensor::empty(value.shape());
    const auto momentum = static_cast<float>(options_.momentum);
    parallel_blocks(value.elements(), kBlock, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t count = end - begin;
      if (momentum_.is_float()) {
        nesterov(momentum, size.gradient_scale, gradient + begin, count, momentum_.floats() + begin,
                 direction.data() + begin);
      } else {
        nesterov(momentum, size.gradient_scale, gradient + begin, count, momentum_.bf16() + begin,
                 direction.data() + begin);
      }
    });
    const std::int64_t rows = value.rows(), cols = value.width();
    const double norm = std::sqrt(sum_of_squares(direction.data(), direction.elements()));
    multiply_by(direction.data(), static_cast<float>(1 / (norm + 1e-7)), direction.elements());
    if (rows > cols) {
      direction = transposed(direction);
      make_orthogonal(cols, rows, direction);
      direction = transposed(direction);
    } else {
      make_orthogonal(rows, cols, direction);
    }
    const double rate =
        size.learning_rate * 0.2 * std::sqrt(static_cast<double>(std::max(rows, cols)));
    combine(-static_cast<float>(rate), direction.data(), kept_by_decay(size, options_, value),
            value.elements(), value.data());
  }

  void visit(const std::string& parameter, State& state) override {
    momentum_.visit("muon.momentum." + parameter, state);
  }

 private:
  OptimizerOptions options_;
  Moment momentum_;
};

}  // namespace

bool is_hidden_matrix(const std::string& name, const Tensor::Shape& shape) {
  const auto holds = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  return shape.size() == 2 && !holds("embed_tokens") && !holds("head") &&
         !name.ends_with(".mlp.gate.weight") && !holds(".lora_");
}

std::unique_ptr<UpdateRule> make_update_rule(const Parameter& parameter,
                                             const OptimizerOptions& options) {
  if (options.kind == OptimizerKind::muon &&
      is_hidden_matrix(parameter.name, parameter.value.shape())) {
    return std::make_unique<MuonRule>(parameter.value, options);
  }
  return std::make_unique<AdamWRule>(parameter.value, options);
}

}  // namespace r1
