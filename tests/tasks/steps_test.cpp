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
  EXPECT_EQ(division_steps(85, 6), "85/6: 8=6*1+2 left 5, 25=6*4+1, so 14 remainder 1");
  EXPECT_EQ(division_steps(72, 36),
            "72/36: 36*2: 6*2=12, 3*2+1=7, so 72 against 72: 7 as 7, 2 as 2, just that, 72=36*2+0, "
            "so 2 remainder 0");
  EXPECT_EQ(division_steps(385, 93),
            "385/93: 93*4: 3*4=12, 9*4+1=37, so 372 against 385: 3 as 3, 7 below 8, fits, 385-372: "
            "5-2=3, 8-7=1, 3-3=0, "
            "so 13 against 93: 1 below 9, enough, 385=93*4+13, so 4 remainder 13");
}

TEST(Steps, of_division_go_on_from_tries_that_are_too_high_or_too_low) {
  EXPECT_EQ(division_steps(70, 23),
            "70/23: 23*4=92 against 70: 9 above 7, too much, 23*3=69 against 70: 6 below 7, fits, "
            "70-69: 10-9=1, 7-1-6=0, so 1 against 23: 1 below 2 digits, enough, 70=23*3+1, so 3 "
            "remainder 1");
  EXPECT_EQ(
      division_steps(61, 23),
      "61/23: 23*1=23 against 61: 2 below 6, fits, 61-23: 11-3=8, 6-1-2=3, so 38 against 23: 3 "
      "above 2, too little, 23*2=46 against 61: 4 below 6, fits, 61-46: 11-6=5, 6-1-4=1, so 15 "
      "against 23: 1 below 2, enough, 61=23*2+15, so 2 remainder 15");
}

TEST(Steps, of_comparisons_end_at_the_first_digits_that_differ) {
  EXPECT_EQ(comparison_steps(47, 45), "47 and 45: 4 as 4, 7 above 5");
  EXPECT_EQ(comparison_steps(88, 101), "88 and 101: 2 below 3 digits");
  EXPECT_EQ(comparison_steps(7, 7), "7 and 7: 7 as 7");
}

TEST(Steps, of_euclid_end_with_the_remainder_0_or_1) {
  int divisor = 0;
  EXPECT_EQ(common_divisor_steps(8, 12, divisor),
            "8 and 12: 1 below 2 digits, 12/8: 12=8*1+4, 8/4: 8=4*2+0, so the greatest common "
            "divisor is 4");
  EXPECT_EQ(divisor, 4);
  EXPECT_EQ(common_divisor_steps(7, 3, divisor),
            "7 and 3: 7 above 3, 7/3: 7=3*2+1, so the greatest common divisor is 1");
  EXPECT_EQ(divisor, 1);
}

}  // namespace
}  // namespace r1::tasks
