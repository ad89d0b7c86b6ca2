#include "tasks/steps.h"

#include <gtest/gtest.h>

namespace r1::tasks {
namespace {

TEST(Steps, of_short_results_are_read_off_their_columns) {
  EXPECT_EQ(addition_steps(47, 38), "47+38: 7+8=15, 4+3+1=8, so 85");
  EXPECT_EQ(addition_steps(7, 38), "7+38=45");
  EXPECT_EQ(multiplication_steps(47, 8), "47*8: 7*8=56, 4*8+5=37, so 376");
  EXPECT_EQ(subtraction_steps(85, 47), "85-47: 15-7=8, 8-1-4=3, so 38");
}

TEST(Steps, let_long_results_grow_column_by_column) {
  EXPECT_EQ(addition_steps(970, 38), "970+38: 0+8=8 gives 8, 7+3=10 gives 08, 9+0+1=10, so 1008");
  EXPECT_EQ(addition_steps(8, 1000),
            "8+1000: 8+0=8 gives 8, 0+0=0 gives 08, 0+0=0 gives 008, 0+1=1, so 1008");
  EXPECT_EQ(multiplication_steps(847, 9),
            "847*9: 7*9=63 gives 3, 4*9+6=42 gives 23, 8*9+4=76, so 7623");
  EXPECT_EQ(multiplication_steps(47, 300), "47*300: 7*3=21 gives 100, 4*3+2=14, so 14100");
}

TEST(Steps, multiply_by_each_digit_and_by_one_at_once) {
  EXPECT_EQ(multiplication_steps(13, 31),
            "13*31: 13*1=13; 13*30: 3*3=9, 1*3=3, so 390; "
            "13+390: 3+0=3, 1+9=10, 0+3+1=4, so 403");
}

TEST(Steps, of_division_compare_with_what_is_written) {
  EXPECT_EQ(division_steps(85, 6), "85/6: 8=6*1+2, 25=6*4+1, so 14 remainder 1");
  EXPECT_EQ(division_steps(72, 35),
            "72/35: 35*2=70, 35*3=105 is above 72, 72-70: 2-0=2, 7-7=0, so 2, 72=35*2+2, "
            "so 2 remainder 2");
}

TEST(Steps, of_euclid_end_with_the_remainder_0_or_1) {
  int divisor = 0;
  EXPECT_EQ(common_divisor_steps(8, 12, divisor),
            "12=8*1+4, 8=4*2+0, so the greatest common divisor is 4");
  EXPECT_EQ(divisor, 4);
  EXPECT_EQ(common_divisor_steps(7, 3, divisor), "7=3*2+1, so the greatest common divisor is 1");
  EXPECT_EQ(divisor, 1);
}

}  // namespace
}  // namespace r1::tasks
