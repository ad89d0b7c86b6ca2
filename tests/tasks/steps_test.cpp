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
  EXPECT_EQ(addition_steps(1970, 38),
            "1970+38: 0+8=8 gives 8, 7+3=10 gives 08, 9+0+1=10 gives 008, 1+0+1=2, so 2008");
  EXPECT_EQ(addition_steps(8, 1000),
            "8+1000: 8+0=8 gives 8, 0+0=0 gives 08, 0+0=0 gives 008, 0+1=1, so 1008");
  EXPECT_EQ(multiplication_steps(847, 9),
            "847*9: 7*9=63 gives 3, 4*9+6=42 gives 23, 8*9+4=76, so 7623");
  EXPECT_EQ(multiplication_steps(47, 300), "47*300: 7*3=21 gives 100, 4*3+2=14, so 14100");
}

TEST(Steps, grow_by_what_is_given_and_not_by_a_result_that_is_not_known_yet) {
  EXPECT_EQ(addition_steps(970, 38), "970+38: 0+8=8, 7+3=10, 9+0+1=10, so 1008");
  EXPECT_EQ(addition_steps(470, 38), "470+38: 0+8=8, 7+3=10, 4+0+1=5, so 508");
  EXPECT_EQ(multiplication_steps(123, 4), "123*4: 3*4=12 gives 2, 2*4+1=9 gives 92, 1*4=4, so 492");
}

TEST(Steps, know_products_up_to_ten_and_name_the_others_as_they_are_given) {
  EXPECT_EQ(multiplication_steps(9, 10), "9*10=90");
  EXPECT_EQ(multiplication_steps(9, 12), "9*12: 2*9=18, 1*9+1=10, so 108");
  EXPECT_EQ(multiplication_steps(12, 11),
            "12*11: 12*1=12; 12*10=120; 12+120: 2+0=2, 1+2=3, 0+1=1, so 132");
}

TEST(Steps, multiply_by_each_digit_and_by_one_at_once) {
  EXPECT_EQ(multiplication_steps(13, 31),
            "13*31: 13*1=13; 13*30: 3*3=9 gives 90, 1*3=3, so 390; "
            "13+390: 3+0=3, 1+9=10, 0+3+1=4, so 403");
}

TEST(Steps, of_division_compare_with_what_is_written) {
  EXPECT_EQ(division_steps(85, 6), "85/6: 8=6*1+2 left 5, 25=6*4+1, so 14 remainder 1");
  EXPECT_EQ(division_steps(72, 36),
            "72/36: 72 and 36: 7 above 3, 36*2: 6*2=12, 3*2+1=7, so 72 against 72: 7 as 7, 2 as 2, "
            "just that, 72=36*2+0, so 2 remainder 0");
  EXPECT_EQ(division_steps(385, 93),
            "385/93: 93*4: 3*4=12, 9*4+1=37, so 372 against 385: 3 as 3, 7 below 8, fits, 385-372: "
            "5-2=3, 8-7=1, 3-3=0, "
            "so 13 against 93: 1 below 9, enough, 385=93*4+13, so 4 remainder 13");
}

TEST(Steps, of_division_compare_what_comes_next_with_the_divisor) {
  EXPECT_EQ(division_steps(12, 16), "12/16: 12 and 16: 1 as 1, 2 below 6, so 0 remainder 12");
  EXPECT_EQ(division_steps(210, 20),
            "210/20: 20*1=20 against 21: 2 as 2, 0 below 1, fits, 21-20: 1-0=1, 2-2=0, so 1 "
            "against 20: 1 below 2 digits, enough, 21=20*1+1 left 0, 10 and 20: 1 below 2, "
            "10=20*0+10, so 10 remainder 10");
}

TEST(Steps, of_division_go_on_from_tries_that_are_too_high_or_too_low) {
  EXPECT_EQ(division_steps(70, 23),
            "70/23: 70 and 23: 7 above 2, 23*4=92 against 70: 9 above 7, too much, 23*3=69 against "
            "70: 6 below 7, fits, 70-69: 10-9=1, 7-1-6=0, so 1 against 23: 1 below 2 digits, "
            "enough, 70=23*3+1, so 3 remainder 1");
  EXPECT_EQ(division_steps(53, 23),
            "53/23: 53 and 23: 5 above 2, 23*1=23 against 53: 2 below 5, fits, 53-23: 3-3=0, "
            "5-2=3, so 30 against 23: 3 above 2, too little, 23*2=46 against 53: 4 below 5, fits, "
            "53-46: 13-6=7, 5-1-4=0, so 7 against 23: 1 below 2 digits, enough, 53=23*2+7, so 2 "
            "remainder 7");
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
