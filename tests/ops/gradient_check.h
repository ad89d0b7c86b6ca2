// Holds an op's forward and backward against a plain version in double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "base/tensor.h"
#include "ops/tape.h"

namespace r1 {

using Numbers = std::vector<double>;
using Inputs = std::vector<Tensor>;
using Op = std::function<Tensor(const Inputs&)>;
using Plain = std::function<Numbers(const std::vector<Numbers>&)>;

inline std::mt19937& test_random() {
  static std::mt19937 rng(1);
  return rng;
}

inline Tensor normal_tensor(Tensor::Shape shape, float deviation = 1.0f) {
  std::normal_distribution<float> normal(0.0f, deviation);
  Tensor tensor = Tensor::empty(std::move(shape));
  for (std::int64_t i = 0; i < tensor.elements(); ++i) tensor.data()[i] = normal(test_random());
  return tensor;
}

inline Numbers numbers_of(const Tensor& tensor) {
  return {tensor.data(), tensor.data() + tensor.elements()};
}

/// For L = sum of c y with random c: y must be the plain op's, and the gradients by the inputs the
/// plain op's central differences, within `bound` of the largest. The gradients are added to what
/// stood there, and the inputs are read no earlier than backward runs.
inline void check_gradients(const Inputs& inputs, const Op& op, const Plain& plain,
                            double bound = 2e-5) {
  Tape tape;
  Tensor y;
  {
    const Tape::Scope scope(tape);
    y = op(inputs);
  }
  std::vector<Numbers> numbers;
  for (const Tensor& input : inputs) {
    numbers.push_back(numbers_of(input));
    std::fill_n(input.gradient().data(), input.elements(), 0.5f);
  }
  const Numbers want = plain(numbers);
  ASSERT_EQ(static_cast<std::int64_t>(want.size()), y.elements());
  const Tensor c = normal_tensor(y.shape());
  double largest = 1e-3;
  for (const double value : want) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(y.data()[i]), want[i], bound * largest) << "forward " << i;
  }
  std::copy_n(c.data(), c.elements(), y.gradient().data());
  tape.backward();

  const auto loss = [&] {
    const Numbers values = plain(numbers);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += values[i] * static_cast<double>(c.data()[i]);
    }
    return sum;
  };
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    Numbers slopes;
    double steepest = 1e-3;
    for (double& number : numbers[k]) {
      const double before = number, step = 1e-5;
      number = before + step;
      const double above = loss();
      number = before - step;
      slopes.push_back((above - loss()) / (2 * step));
      number = before;
      steepest = std::max(steepest, std::fabs(slopes.back()));
    }
    for (std::size_t i = 0; i < slopes.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(inputs[k].gradient().data()[i]) - 0.5, slopes[i],
                  bound * std::max(steepest, 0.5))
          << "input " << k << " at " << i;
    }
  }
}

}  // namespace r1
