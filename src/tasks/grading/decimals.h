// Decimal digits as exact fractions.
#pragma once

#include <string>

namespace r1::grading {

/// The fraction that whole.fraction says, with the digits of `period` repeated without end after
/// them, times 10 to the power `exponent`: "4500", "1/3" as "3/9".
std::string fraction_of_digits(const std::string& whole, const std::string& fraction,
                               const std::string& period, long exponent);

}  // namespace r1::grading
