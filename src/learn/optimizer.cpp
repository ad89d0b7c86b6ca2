#include "learn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/optimizer.h"

namespace r1 {
namespace {

constexpr std::int64_t kBlock = 65536;  // numbers that a thread takes at a time

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

}  // namespace

AdamW::AdamW(const Parameters& parameters, const AdamWOptions& options)
    : parameters_(parameters), options_(options) {
  for (const Parameter& parameter : parameters.all()) {
    const Tensor::Shape& shape = parameter.value.shape();
    moments_.push_back({Tensor::zeros(shape), Tensor::zeros(shape)});
  }
}

double AdamW::gradient_norm() const {
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

double AdamW::step(double learning_rate) {
  const double norm = gradient_norm();
  ++steps_;
  const auto n = static_cast<double>(steps_);
  AdamWStep step = {.keep = 1.0f,
                    .beta1 = static_cast<float>(options_.beta1),
                    .beta2 = static_cast<float>(options_.beta2),
                    .rate = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, n))),
                    .root = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, n))),
                    .eps = static_cast<float>(options_.eps),
                    .scale = options_.clip > 0
                                 ? static_cast<float>(std::min(1.0, options_.clip / (norm + 1e-6)))
                                 : 1.0f};
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    Tensor value = parameters_.all()[i].value;
    const float* gradient = value.gradient().data();
    const bool decays = value.shape().size() >= 2;
    step.keep = decays ? static_cast<float>(1 - learning_rate * options_.weight_decay) : 1.0f;
    Moments& moments = moments_[i];
    parallel_blocks(value.elements(), kBlock, [&](std::int64_t begin, std::int64_t end) {
      adamw(step, gradient + begin, end - begin, value.data() + begin, moments.first.data() + begin,
            moments.second.data() + begin);
    });
  }
  parameters_.clear_gradients();
  parameters_.refresh();
  return norm;
}

void AdamW::visit(State& state) {
  state.integer("adamw.steps", steps_);
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    const std::string& name = parameters_.all()[i].name;
    state.array("adamw.first." + name, moments_[i].first);
    state.array("adamw.second." + name, moments_[i].second);
  }
}

}  // namespace r1
