// Formulas of the four operations with brackets: which numbers stand in them and their exact value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/grading/flint.h"

namespace r1::tasks {

struct Formula {
  std::vector<std::string> numbers;        // as they stand in it, without leading zeros, in order
  std::optional<grading::Rational> value;  // nothing where something is divided by zero
};

/// Reads integers, + - * /, brackets and signs in front, also in LaTeX (\times, \div, \frac) and
/// with the signs × ÷ −. Powers, functions, decimals and what is longer or deeper nested than
/// answers are give nothing: the time is proportional to the text's length.
std::optional<Formula> read_formula(std::string_view text);

}  // namespace r1::tasks
