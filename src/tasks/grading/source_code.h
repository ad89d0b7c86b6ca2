// Lines of programs, which are no answers whatever they would print.
#pragma once

#include <string_view>

namespace r1::grading {

/// Whether a text begins as statements of programming languages do.
bool is_statement(std::string_view text);
/// Whether a line is one of a program: it begins as a statement or has signs that prose hasn't.
bool is_code(std::string_view line);

}  // namespace r1::grading
