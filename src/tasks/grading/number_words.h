// Numbers that are written in words.
#pragma once

#include <string>
#include <string_view>

namespace r1::grading {

/// The number that words in lower case say: "five", "twenty-one", "one hundred and five",
/// "two thirds"; an exact rational's text, empty for other words.
std::string number_of_words(std::string_view words);

/// Whether a word multiplies the number before it: "million", "dozen".
bool is_multiple(std::string_view word);

}  // namespace r1::grading
