// Times of day: 7:30, 7:30 a.m., 19:30.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tasks/grading/expression.h"

namespace r1::grading {

/// How many characters of `text` say "a.m." or "p.m." in one of their spellings; 0 for none.
std::size_t half_of_day_length(std::string_view text);

/// Whether a canonical unit is "am" or "pm".
bool is_half_of_day(std::string_view unit);

/// Whether two times are the same, each with its half of the day or with an empty one: 3:30 p.m. is
/// 3:30 where the half isn't said, and 15:30. Nothing where one is no time.
std::optional<bool> are_same_times(const Expr& a, const std::string& half_a, const Expr& b,
                                   const std::string& half_b);

}  // namespace r1::grading
