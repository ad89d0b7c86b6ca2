#include "plan/kernels.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::plan {
namespace {

struct Measured {
  double groups, m, n, k, teraflops;
};
/// H800, fp8 with fine scales: DeepGEMM's first README, its speed divided by its speed-up over
/// CUTLASS 3.6, both as printed there.
constexpr Measured kPublished[] = {
    {1, 4096, 2112, 7168, 1058 / 1.1}, {1, 4096, 24576, 1536, 990 / 1.0},
    {1, 4096, 32768, 512, 590 / 1.0},  {1, 4096, 7168, 16384, 1358 / 1.2},
    {1, 4096, 4096, 7168, 1304 / 1.1}, {1, 4096, 7168, 2048, 1025 / 1.1},
    {4, 8192, 4096, 7168, 1297 / 1.2}, {4, 8192, 7168, 2048, 1099 / 1.2},
    {8, 4096, 4096, 7168, 1288 / 1.2}, {8, 4096, 7168, 2048, 1093 / 1.1},
};

class KernelTimes : public testing::Test {
 protected:
  Device h800 = find_device("h800", "test"), a100 = find_device("a100", "test");
  Assumptions assumptions;
  Kernels kernels{h800, assumptions, 1};
};

TEST_F(KernelTimes, products_take_as_long_as_was_published_within_12_percent) {
  double sum = 0;
  for (const Measured& shape : kPublished) {
    const double seconds = kernels.product(shape.groups, shape.m, shape.n, shape.k, Precision::fp8);
    const double teraflops = 2 * shape.groups * shape.m * shape.n * shape.k / seconds / 1e12;
    EXPECT_NEAR(teraflops / shape.teraflops, 1, 0.12)
        << shape.m << "x" << shape.n << "x" << shape.k;
    sum += std::log(teraflops / shape.teraflops);
  }
  EXPECT_NEAR(sum / std::size(kPublished), 0, 0.02) << "no bias";
}

TEST_F(KernelTimes, long_bf16_products_stay_below_what_was_achieved_at_best) {
  const double seconds = kernels.product(1, 8192, 8192, 8192, Precision::bf16);
  const double teraflops = 2.0 * 8192 * 8192 * 8192 / seconds / 1e12;
  EXPECT_GT(teraflops, 650);
  EXPECT_LT(teraflops, 794.5);
}

TEST_F(KernelTimes, attention_reaches_the_published_speeds_within_4_percent) {
  const auto teraflops = [&](AttentionKernel kernel, double keys, bool backward) {
    return 1e-12 / (backward ? kernels.attention_backward(1, keys, kernel)
                             : kernels.attention_forward(1, keys, kernel));
  };
  struct Point {
    double keys, flash2, flash3, flash2_backward, flash3_backward;
  };
  for (const Point& point : {Point{512, 309, 467, 214, 316}, Point{1024, 350, 565, 260, 424},
                             Point{2048, 362, 625, 291, 501}, Point{4096, 368, 638, 310, 542},
                             Point{8192, 370, 646, 318, 559}, Point{16384, 370, 648, 322, 561}}) {
    EXPECT_NEAR(teraflops(AttentionKernel::flash2, point.keys, false) / point.flash2, 1, 0.04);
    EXPECT_NEAR(teraflops(AttentionKernel::flash3, point.keys, false) / point.flash3, 1, 0.04);
    EXPECT_NEAR(teraflops(AttentionKernel::flash2, point.keys, true) / point.flash2_backward, 1,
                0.04);
    EXPECT_NEAR(teraflops(AttentionKernel::flash3, point.keys, true) / point.flash3_backward, 1,
                0.04);
  }
}

TEST_F(KernelTimes, devices_without_fp8_multiply_in_bf16) {
  const Kernels old(a100, assumptions, 1);
  EXPECT_EQ(old.product(1, 4096, 4096, 4096, Precision::fp8),
            old.product(1, 4096, 4096, 4096, Precision::bf16));
  EXPECT_LT(kernels.product(1, 4096, 4096, 4096, Precision::fp8),
            kernels.product(1, 4096, 4096, 4096, Precision::bf16));
}

TEST_F(KernelTimes, fewer_processors_compute_longer) {
  const Kernels fewer(h800, assumptions, 112.0 / 132);
  EXPECT_GT(fewer.product(1, 4096, 4096, 4096, Precision::bf16),
            kernels.product(1, 4096, 4096, 4096, Precision::bf16));
  EXPECT_NEAR(fewer.elementwise(1e9) / kernels.elementwise(1e9), 132.0 / 112, 1e-12);
}

}  // namespace
}  // namespace r1::plan
