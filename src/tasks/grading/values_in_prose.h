// The values that stand in prose: formulas between marks, and plain ones without any.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace r1::grading {

/// A stretch of a text, and what is to be read there.
struct Span {
  std::size_t begin, end;
  std::string content;
};

/// The last formula in $...$, $$...$$, \(...\) or \[...\], with those before it that "and" or "or"
/// joins to it: "$x = 2$ or $x = 3$".
std::optional<Span> last_formula(std::string_view text);

/// What the last number in prose that stands in no word belongs to: "-3", "2 1/2", "x^2 - 3",
/// "5 million", "1, 2 and 3", "30 cm".
std::optional<Span> last_plain_value(std::string_view text);

}  // namespace r1::grading
