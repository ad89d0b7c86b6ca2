// Whether a program printed what it should have.
#pragma once

#include <string_view>

namespace r1 {

/// Compares word by word, so that white space doesn't count. A word that should be a number with a
/// decimal point or an exponent may differ by 1e-6, relative or absolute; all others are the same.
bool same_output(std::string_view expected, std::string_view printed);

}  // namespace r1
