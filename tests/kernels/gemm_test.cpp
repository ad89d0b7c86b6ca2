#include "kernels/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/float_types.h"
#include "base/threads.h"
#include "kernels/isa.h"
#include "restored_settings.h"

namespace r1 {
namespace {

/// Random numbers within NaNs: what lies between a row's end and the next may not be read.
struct Operand {
  std::vector<float> numbers;
  std::int64_t stride = 0;
  bool transposed = false;

  Operand(std::int64_t rows, std::int64_t cols, bool turned, std::mt19937& rng)
      : transposed(turned) {
    if (turned) std::swap(rows, cols);
    stride = cols + static_cast<std::int64_t>(rng() % 5);
    numbers.assign(static_cast<std::size_t>(rows * stride),
                   std::numeric_limits<float>::quiet_NaN());
    std::normal_distribution<float> normal;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) {
        numbers[static_cast<std::size_t>(r * stride + c)] = normal(rng);
      }
    }
  }
  float at(std::int64_t row, std::int64_t col) const {
    return numbers[static_cast<std::size_t>(transposed ? col * stride + row : row * stride + col)];
  }
};

float rounded(float value, GemmNumbers numbers) {
  return numbers == GemmNumbers::bf16 && has_bf16_dot() ? bf16_to_float(float_to_bf16(value))
                                                        : value;
}

struct Case {
  std::int64_t m, n, k;
  bool a_transposed, b_transposed, accumulate;
};

/// The same bits from a `b` that was rounded before. `y` stays as it is.
void check_rounded_before(const GemmTask& task, const std::vector<float>& y) {
  std::vector<float> direct = y, before = y;
  std::vector<std::uint16_t> numbers(static_cast<std::size_t>(bf16_rows_size(task.k, task.n)));
  GemmTask one = task;
  one.y = direct.data();
  gemm({&one, 1}, GemmNumbers::bf16);
  one.b_rounded = round_rows(task.b, task.b_stride, task.k, task.n, numbers.data());
  one.b = nullptr;
  one.y = before.data();
  gemm({&one, 1}, GemmNumbers::bf16);
  ASSERT_EQ(std::memcmp(direct.data(), before.data(), direct.size() * sizeof(float)), 0);
}

/// Against sums in double: k additions of float each round by at most 2^-24 of what was summed.
void check(const Case& c, GemmNumbers numbers, std::mt19937& rng) {
  const Operand a(c.m, c.k, c.a_transposed, rng), b(c.k, c.n, c.b_transposed, rng);
  const std::int64_t stride = c.n + 3;
  const float before = c.accumulate ? 1.5f : std::numeric_limits<float>::quiet_NaN();
  std::vector<float> y(static_cast<std::size_t>(c.m * stride), before);
  GemmTask task = {.m = c.m,
                   .n = c.n,
                   .k = c.k,
                   .a = a.numbers.data(),
                   .a_stride = a.stride,
                   .a_transposed = a.transposed,
                   .b = b.numbers.data(),
                   .b_stride = b.stride,
                   .b_transposed = b.transposed,
                   .y = y.data(),
                   .y_stride = stride,
                   .accumulate = c.accumulate};
  if (numbers == GemmNumbers::bf16 && has_bf16_dot() && !c.b_transposed) {
    check_rounded_before(task, y);
  }
  gemm({&task, 1}, numbers);
  for (std::int64_t m = 0; m < c.m; ++m) {
    for (std::int64_t n = 0; n < c.n; ++n) {
      double sum = c.accumulate ? 1.5 : 0.0, size = sum;
      for (std::int64_t k = 0; k < c.k; ++k) {
        const double term = static_cast<double>(rounded(a.at(m, k), numbers)) *
                            static_cast<double>(rounded(b.at(k, n), numbers));
        sum += term;
        size += std::fabs(term);
      }
      const double got = static_cast<double>(y[static_cast<std::size_t>(m * stride + n)]);
      ASSERT_LE(std::fabs(got - sum), size * static_cast<double>(c.k + 2) * 0x1p-24)
          << m << ' ' << n << " of " << c.m << ' ' << c.n << ' ' << c.k;
    }
    for (std::int64_t n = c.n; n < stride; ++n) {
      const float beyond = y[static_cast<std::size_t>(m * stride + n)];
      ASSERT_TRUE(c.accumulate ? beyond == 1.5f : std::isnan(beyond)) << "written past a row";
    }
  }
}

TEST(Gemm, is_the_sum_of_products_for_all_shapes_and_ways_to_lie) {
  const RestoredSettings restored;
  std::mt19937 rng(1);
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const GemmNumbers numbers : {GemmNumbers::f32, GemmNumbers::bf16}) {
      SCOPED_TRACE(std::string(name(isa)) + (numbers == GemmNumbers::f32 ? " f32" : " bf16"));
      for (unsigned i = 0; i < 24; ++i) {
        const auto extent = [&](unsigned limit) {
          return static_cast<std::int64_t>(1 + rng() % limit);
        };
        check({extent(150), extent(200), extent(300), i % 2 == 0, i / 2 % 2 == 0, i / 4 % 2 == 0},
              numbers, rng);
      }
      check({64, 64, 128, true, false, false}, numbers, rng);
      check({1, 1, 1, false, false, true}, numbers, rng);
    }
  }
}

TEST(Gemm, a_sum_over_nothing_is_zero_or_leaves_what_stood_there) {
  const RestoredSettings restored;
  const float nothing = 0;
  for (const Isa isa : available_isas()) {
    set_isa(isa);
    for (const bool transposed : {false, true}) {
      for (const bool accumulate : {false, true}) {
        std::vector<float> y(6, 2.0f);
        GemmTask task;
        task.m = 3, task.n = 2, task.k = 0;
        task.a = task.b = &nothing;
        task.a_stride = task.b_stride = 3;
        task.a_transposed = task.b_transposed = transposed;
        task.y = y.data(), task.y_stride = 2, task.accumulate = accumulate;
        gemm({&task, 1}, GemmNumbers::bf16);
        EXPECT_EQ(y, std::vector<float>(6, accumulate ? 2.0f : 0.0f)) << name(isa);
      }
    }
  }
}

TEST(Gemm, has_the_same_bits_with_any_number_of_threads_and_beside_other_tasks) {
  const RestoredSettings restored;
  std::mt19937 rng(2);
  const std::int64_t m = 700, n = 130, k = 333;
  const Operand a(m, k, true, rng), b(k, n, false, rng);
  const auto product = [&](int thread_count, GemmNumbers numbers, std::size_t tasks) {
    set_threads(thread_count);
    std::vector<std::vector<float>> y(tasks, std::vector<float>(static_cast<std::size_t>(m * n)));
    std::vector<GemmTask> all;
    for (auto& one : y) {
      all.push_back({.m = m,
                     .n = n,
                     .k = k,
                     .a = a.numbers.data(),
                     .a_stride = a.stride,
                     .a_transposed = true,
                     .b = b.numbers.data(),
                     .b_stride = b.stride,
                     .y = one.data(),
                     .y_stride = n});
    }
    gemm(all, numbers);
    return y.back();
  };
  for (const Isa isa : available_isas()) {
    if (isa == Isa::reference) continue;
    set_isa(isa);
    for (const GemmNumbers numbers : {GemmNumbers::f32, GemmNumbers::bf16}) {
      const auto want = product(1, numbers, 1);
      for (const auto& got : {product(2, numbers, 1), product(3, numbers, 2)}) {
        EXPECT_EQ(std::memcmp(got.data(), want.data(), want.size() * 4), 0) << name(isa);
      }
    }
  }
}

}  // namespace
}  // namespace r1
