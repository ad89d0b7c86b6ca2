#include "learn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/optimizer.h"
#include "learn/update_rules.h"

namespace r1 {
namespace {

constexpr std::int64_t kBlock = 65536;  // numbers that a thread takes at a time
/// Smaller parameters are a thread's alone: the many short products of a small matrix would wait
/// for each other more than they compute.
constexpr std::int64_t kLargeParameter = 1 << 20;

double sum_of_gradient(const Gradient& gradient) {
  const std::int64_t count = gradient.elements();
  const float* numbers = gradient.data();
  std::vector<double> sums(static_cast<std::size_t>((count + kBlock - 1) / kBlock));
  parallel_blocks(count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    sums[static_cast<std::size_t>(begin / kBlock)] =
        r1::sum_of_squares(numbers + begin, end - begin);
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

/// bf16 keeps 8 bits: a step rounds by up to 2^-9 of a moment, and decay forgets that at its own
/// pace, so that the errors of all steps add up to at most 2^-9 / (1 - beta) of it.
constexpr double kLargestRounding = 0.25;

void check_moments(const OptimizerOptions& options) {
  if (options.moments == DType::f32) return;
  if (options.moments != DType::bf16) {
    throw Error("moments", "can't be of type " + std::string(name(options.moments)),
                "take f32 or bf16");
  }
  const double slowest = std::max(
      {options.beta1, options.beta2, options.kind == OptimizerKind::muon ? options.momentum : 0.0});
  if (slowest < 1 && 1.0 / 512 / (1 - slowest) <= kLargestRounding) return;
  throw Error("moments in bf16", "can't follow a decay as slow as " + std::to_string(slowest),
              "take f32, or betas of at most 0.99");
}

}  // namespace

Optimizer::Optimizer(const Parameters& parameters, const OptimizerOptions& options)
    : parameters_(parameters), options_(options) {
  check_moments(options);
  for (const Parameter& parameter : parameters.all()) {
    rules_.push_back(make_update_rule(parameter, options));
  }
}

Optimizer::~Optimizer() = default;

double Optimizer::gradient_norm() const {
  double squares = 0;
  for (const Parameter& parameter : parameters_.all()) {
    const Gradient gradient = parameter.value.gradient();
    if (!gradient.arrived()) continue;
    squares += sum_of_gradient(gradient);
    if (!std::isfinite(squares)) {
      throw Error("the gradient by " + parameter.name, "is no finite number",
                  "lower the learning rate, or go back to an earlier checkpoint");
    }
  }
  return std::sqrt(squares);
}

double Optimizer::step(double learning_rate) {
  const double norm = gradient_norm();
  ++steps_;
  const StepSize size = {
      .learning_rate = learning_rate,
      .gradient_scale = options_.clip > 0
                            ? static_cast<float>(std::min(1.0, options_.clip / (norm + 1e-6)))
                            : 1.0f,
      .step = steps_};
  std::vector<std::size_t> small;
  const auto update = [&](std::size_t i) {
    Tensor value = parameters_.all()[i].value;
    rules_[i]->update(size, value.gradient().data(), value);
  };
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (parameters_.all()[i].value.elements() < kLargeParameter) {
      small.push_back(i);
    } else {
      update(i);
    }
  }
  threads().parallel_for(static_cast<std::int64_t>(small.size()),
                         [&](std::int64_t i, int) { update(small[static_cast<std::size_t>(i)]); });
  parameters_.clear_gradients();
  parameters_.refresh();
  return norm;
}

void Optimizer::visit(State& state) {
  state.integer("optimizer.steps", steps_);
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    rules_[i]->visit(parameters_.all()[i].name, state);
  }
}

}  // namespace r1
