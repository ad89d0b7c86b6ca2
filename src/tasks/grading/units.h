// Units of measure, and the things that are counted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tasks/grading/expression.h"

namespace r1::grading {

/// Whether a word is a unit of measure or a thing that is counted ("cm", "miles", "dollars").
bool is_unit(std::string_view word);

/// Units in one spelling: "centimeters" and "cms" as "cm", "square units" as nothing.
std::string canonical_unit(std::string_view words);

/// What a unit measures: powers of length, mass, time ..., and its size in their first units.
struct Measure {
  std::map<std::string, int> dimensions;  // none with power 0
  Expr size;
};
/// Of "km/h", "m s^{-2}", "square meters per second"; nothing where a word is no unit of measure.
std::optional<Measure> measure_of(std::string_view unit);

}  // namespace r1::grading
