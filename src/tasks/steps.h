// Written arithmetic, as worked chains do it: column by column, so that each step is a fact of the
// small tables and needs only what stands before it: "47+38: 7+8=15, 4+3+1=8, so 85". Results of
// long numbers grow on the way: "1970+38: 0+8=8 gives 8, 7+3=10 gives 08, 9+0+1=10 gives 008,
// 1+0+1=2, so 2008".
//
// Every sign "=" in these texts stands between sides of equal value.
#pragma once

#include <string>

namespace r1::tasks {

/// a + b of numbers that aren't negative.
std::string addition_steps(int a, int b);
/// a - b for a >= b >= 0: "85-47: 15-7=8, 8-1-4=3, so 38"; a "-1" repays what the column before
/// has borrowed.
std::string subtraction_steps(int a, int b);
/// a b of numbers that aren't negative: "47*38: 47*8: 7*8=56, 4*8+5=37, so 376; ...".
std::string multiplication_steps(int a, int b);
/// Which of two numbers that aren't negative is larger, by the first digits that differ or by how
/// many there are: "4 as 4, 7 above 5" of 47 and 45, "2 below 3 digits" of 88 and 101.
std::string compared_digits(int a, int b);
/// The same with the numbers before it: "47 and 45: 4 as 4, 7 above 5".
std::string comparison_steps(int a, int b);
/// The quotient of a / b and its remainder, b > 0: "85/6: 8=6*1+2 left 5, 25=6*4+1, so 14 remainder
/// 1"; what is left are the digits to come. A digit of the quotient by a divisor above 10 is tried:
/// "93*5: 3*5=15, 9*5+1=46, so 465 against 385: 4 above 3, too much, 93*4: ...", and what comes
/// after it is compared with the divisor first: "59 and 93: 5 below 9, 59=93*0+59". Some tries are
/// too high or too low, as those who learn from these texts will try wrongly too.
std::string division_steps(int a, int b);

/// Euclid's steps to the greatest common divisor of two positive numbers, which is put into
/// `divisor`: "12 and 8: 2 above 1 digits, 12/8: 12=8*1+4, 8/4: 8=4*2+0, so the greatest common
/// divisor is 4". A remainder of 1 ends them.
std::string common_divisor_steps(int a, int b, int& divisor);

}  // namespace r1::tasks
