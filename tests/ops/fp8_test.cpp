#include "ops/fp8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/float_types.h"
#include "ops/gradient_check.h"
#include "ops/linear.h"

namespace r1 {
namespace {

float by_way_of_e4m3(float value, float largest) {
  const float scale = largest / 448.0f;
  return f8_e4m3_to_float(float_to_f8_e4m3(value / scale)) * scale;
}

/// The largest magnitude in each group of rows x cols numbers, by the group's place.
std::map<std::pair<std::int64_t, std::int64_t>, float> largest_of(const Tensor& x,
                                                                  std::int64_t rows,
                                                                  std::int64_t cols) {
  std::map<std::pair<std::int64_t, std::int64_t>, float> groups;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    float& largest = groups[{i / x.width() / rows, i % x.width() / cols}];
    largest = std::max(largest, std::fabs(x.data()[i]));
  }
  return groups;
}

/// Numbers of all sizes that e4m3 tells apart, subnormal ones and zeros too.
Tensor numbers_of_all_sizes(std::int64_t rows, std::int64_t cols) {
  Tensor x = normal_tensor({rows, cols});
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    x.data()[i] = i % 11 == 0 ? 0.0f : std::ldexp(x.data()[i], static_cast<int>(i % 23) - 18);
  }
  return x;
}

TEST(Fp8, rounds_every_group_as_e4m3_under_a_scale_of_its_own) {
  const std::int64_t rows = 300, cols = 200;
  const Tensor x = numbers_of_all_sizes(rows, cols);
  const Fp8Source source = {x.data(), rows, cols, cols};
  const Tensor by_rows = fp8_by_rows(source, 0), by_columns = fp8_by_columns(source);
  Tensor by_blocks = Tensor::empty({rows, cols});
  fp8_by_blocks(source, by_blocks.data());
  auto in_rows = largest_of(x, 1, 128), in_columns = largest_of(x, 128, 1),
       in_blocks = largest_of(x, 128, 128);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const std::int64_t row = i / cols, col = i % cols;
    const float value = x.data()[i];
    ASSERT_EQ(by_rows.data()[i], by_way_of_e4m3(value, in_rows[{row, col / 128}]));
    ASSERT_EQ(by_columns.data()[i], by_way_of_e4m3(value, in_columns[{row / 128, col}]));
    ASSERT_EQ(by_blocks.data()[i], by_way_of_e4m3(value, in_blocks[{row / 128, col / 128}]));
  }
}

TEST(Fp8, the_largest_of_activations_counts_as_1e_4_at_least_and_zeros_stay) {
  Tensor x = Tensor::zeros({2, 128});
  x.data()[3] = 1e-6f;
  const Tensor y = fp8_by_rows({x.data(), 2, 128, 128}, kFp8LeastActivation);
  EXPECT_EQ(y.data()[3], by_way_of_e4m3(1e-6f, 1e-4f));
  EXPECT_EQ(std::count(y.data(), y.data() + 256, 0.0f), 255);
  const Tensor columns = fp8_by_columns({x.data(), 2, 128, 128});
  EXPECT_EQ(std::count(columns.data(), columns.data() + 256, 0.0f), 255);
}

/// A layer whose weight is the parameter rounded.
Linear fp8_layer(const Tensor& parameter, Tensor& rounded) {
  rounded = Tensor::empty(parameter.shape());
  fp8_by_blocks({parameter.data(), parameter.rows(), parameter.width(), parameter.width()},
                rounded.data());
  Linear layer;
  layer.weight = {.data = reinterpret_cast<const std::byte*>(rounded.data()),
                  .dtype = DType::f32,
                  .rows = parameter.rows(),
                  .cols = parameter.width(),
                  .row_bytes = parameter.width() * 4,
                  .block_scales = nullptr,
                  .packed = false};
  layer.learned = {parameter};
  layer.fp8 = true;
  return layer;
}

/// a [m, k] times b [k, n], each by its own index.
template <typename A, typename B>
Numbers product(std::int64_t m, std::int64_t n, std::int64_t k, const A& a, const B& b) {
  Numbers y(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      for (std::int64_t l = 0; l < k; ++l) {
        y[static_cast<std::size_t>(i * n + j)] +=
            static_cast<double>(a(i, l)) * static_cast<double>(b(l, j));
      }
    }
  }
  return y;
}

void expect_near(const float* got, const Numbers& want) {
  double largest = 1e-30;
  for (const double number : want) largest = std::max(largest, std::fabs(number));
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(got[i]), want[i], 1e-5 * largest) << i;
  }
}

// V3 report, figure 6: the three products of a linear layer and what each takes rounded.
TEST(Fp8, a_layers_three_products_are_those_of_the_rounded_operands) {
  const std::int64_t tokens = 150, in = 140, out = 130;
  const Tensor x = normal_tensor({tokens, in}), w = normal_tensor({out, in}),
               dy = normal_tensor({tokens, out}, 1e-3f);
  Tensor w_rounded;
  const Linear layer = fp8_layer(w, w_rounded);
  Tape tape;
  Tensor y;
  {
    const Tape::Scope scope(tape);
    y = linear(x, layer);
  }
  std::copy_n(dy.data(), dy.elements(), y.gradient().data());
  tape.backward();
  const auto at = [](const Tensor& t) {
    return [&t](std::int64_t row, std::int64_t col) { return t.data()[row * t.width() + col]; };
  };
  const auto turned = [](const Tensor& t) {
    return [&t](std::int64_t row, std::int64_t col) { return t.data()[col * t.width() + row]; };
  };
  const Tensor x_rows = fp8_by_rows({x.data(), tokens, in, in}, kFp8LeastActivation);
  const Tensor x_columns = fp8_by_columns({x_rows.data(), tokens, in, in});
  const Tensor dy_rows = fp8_by_rows({dy.data(), tokens, out, out}, 0);
  const Tensor dy_columns = fp8_by_columns({dy.data(), tokens, out, out});
  expect_near(y.data(), product(tokens, out, in, at(x_rows), turned(w_rounded)));
  expect_near(x.gradient().data(), product(tokens, in, out, at(dy_rows), at(w_rounded)));
  expect_near(w.gradient().data(), product(out, in, tokens, turned(dy_columns), at(x_columns)));
}

}  // namespace
}  // namespace r1
