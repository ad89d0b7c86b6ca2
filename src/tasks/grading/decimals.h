// Decimal digits as exact fractions.
#pragma once

#include <string>
#include <string_view>

namespace r1::grading {

/// The fraction that whole.fraction says, with the digits of `period` repeated without end after
/// them, times 10 to the power `exponent`: "4500", "1/3" as "3/9".
std::string fraction_of_digits(const std::string& whole, const std::string& fraction,
                               const std::string& period, long exponent);

/// Whether commas between digits outside of all brackets group them by three, all or none.
bool groups_by_commas(std::string_view text);

/// The digits that a decimal's fraction ends in again and again, as one digit three times or more
/// digits twice; empty where nothing repeats.
std::string repeated_end(const std::string& fraction);

}  // namespace r1::grading
