#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace r1 {
namespace {

TEST(Random, philox_gives_the_published_words) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox(0, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint64_t ones = ~std::uint64_t{0};
  EXPECT_EQ(philox(ones, ones, ones), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, a_stream_goes_on_from_its_counter) {
  Random whole(7, 3), again(7, 3, 1);
  for (int i = 0; i < 4; ++i) whole.bits();
  EXPECT_EQ(whole.counter(), 1u);
  EXPECT_EQ(whole.bits(), again.bits());
  EXPECT_NE(Random(7, 3).bits(), Random(7, 4).bits());
  EXPECT_NE(Random(7, 3).bits(), Random(8, 3).bits());
}

TEST(Random, uniform_numbers_fill_their_range_evenly) {
  Random random(1, 0);
  std::array<int, 16> counts{};
  for (int i = 0; i < 160000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ++counts[static_cast<std::size_t>(value * 16.0)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);  // five deviations
}

TEST(Random, below_is_even_and_never_reaches_its_bound) {
  Random random(2, 0);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, normal_numbers_have_the_moments_and_the_tails_of_the_distribution) {
  std::vector<float> numbers(1 << 20);
  fill_normal(5, 0, 0, numbers, 2.0f);
  double mean = 0.0, square = 0.0, fourth = 0.0;
  int beyond_two_deviations = 0, below_minus_one = 0;
  for (const float number : numbers) {
    const double x = static_cast<double>(number) / 2.0;
    mean += x;
    square += x * x;
    fourth += x * x * x * x;
    beyond_two_deviations += std::fabs(x) > 2.0;
    below_minus_one += x < -1.0;
  }
  const auto count = static_cast<double>(numbers.size());
  EXPECT_NEAR(mean / count, 0.0, 0.005);
  EXPECT_NEAR(square / count, 1.0, 0.007);
  EXPECT_NEAR(fourth / count, 3.0, 0.05);
  EXPECT_NEAR(beyond_two_deviations / count, 0.0455, 0.001);
  EXPECT_NEAR(below_minus_one / count, 0.1587, 0.002);
}

TEST(Random, any_piece_of_a_stream_can_be_filled_by_itself) {
  std::vector<float> whole(1000), piece(301);
  fill_normal(9, 1, 0, whole, 1.0f);
  fill_normal(9, 1, 340, piece, 1.0f);
  for (std::size_t i = 0; i < piece.size(); ++i) ASSERT_EQ(piece[i], whole[340 + i]);
  EXPECT_EQ(Random(9, 1).normal(), whole[0]);
}

}  // namespace
}  // namespace r1
