#include "base/float_types.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1 {
namespace {

TEST(FloatTypes, f16_survives_the_way_through_float_for_every_bit_pattern) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = f16_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(value))));
    } else {
      ASSERT_EQ(float_to_f16(value), bits);
    }
  }
}

TEST(FloatTypes, f8_e4m3_survives_the_way_through_float_for_every_bit_pattern) {
  for (std::uint32_t bits = 0; bits < 0x100; ++bits) {
    const float value = f8_e4m3_to_float(static_cast<std::uint8_t>(bits));
    if (std::isnan(value)) {
      EXPECT_EQ(bits & 0x7f, 0x7f);
    } else {
      ASSERT_EQ(float_to_f8_e4m3(value), bits);
    }
  }
  EXPECT_EQ(f8_e4m3_to_float(0x7e), 448.0f);
  EXPECT_EQ(f8_e4m3_to_float(0x01), 0x1p-9f);
}

TEST(FloatTypes, rounding_to_f8_and_f16_and_bf16_takes_the_nearest_and_even_on_ties) {
  EXPECT_EQ(f8_e4m3_to_float(float_to_f8_e4m3(17.0f)), 16.0f);  // between 16 and 18
  EXPECT_EQ(f8_e4m3_to_float(float_to_f8_e4m3(19.0f)), 20.0f);  // between 18 and 20
  EXPECT_EQ(f8_e4m3_to_float(float_to_f8_e4m3(1000.0f)), 448.0f);
  EXPECT_EQ(f16_to_float(float_to_f16(2049.0f)), 2048.0f);
  EXPECT_EQ(f16_to_float(float_to_f16(2051.0f)), 2052.0f);
  EXPECT_EQ(f16_to_float(float_to_f16(65520.0f)), INFINITY);
  EXPECT_EQ(f16_to_float(float_to_f16(0x1.8p-24f)), 0x1p-23f);
  EXPECT_EQ(bf16_to_float(float_to_bf16(257.0f)), 256.0f);
  EXPECT_EQ(bf16_to_float(float_to_bf16(259.0f)), 260.0f);
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(NAN))));
}

}  // namespace
}  // namespace r1
