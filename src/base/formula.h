// Formulas where a file could say a number: "64 * depth".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace r1 {

/// The value of a formula of numbers and names with + - * / ^ and brackets; `value_of` gives a
/// name's number. Nothing for what is no formula, nested deeper than 50, or no finite number.
std::optional<double> evaluate_formula(std::string_view text,
                                       const std::function<double(const std::string&)>& value_of);

}  // namespace r1
