// What an answer's text says: a tree made of its tokens by the rules of mathematical writing.
#pragma once

#include <optional>
#include <string_view>

#include "tasks/grading/expression.h"

namespace r1::grading {

/// The tree of an answer, or nothing if it can't be read as one. Takes time proportional to the
/// text's length; texts longer or nested deeper than answers are aren't read.
std::optional<Expr> parse_answer(std::string_view text);

}  // namespace r1::grading
