// Answers that are names or other words, one or several of them.
#pragma once

#include <string_view>

namespace r1::grading {

/// Whether both texts list the same words, in whatever order: "Alice and Bob" and
/// "\text{Bob}, \text{Alice}"; "a hexagon" and "It is a hexagon." Letters alone keep their case.
bool list_same_words(std::string_view a, std::string_view b);

}  // namespace r1::grading
