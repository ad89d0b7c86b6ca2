// Numbers that are written in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1::grading {

/// The number that words in lower case say: "five", "twenty-one", "one hundred and five",
/// "two thirds", "two and a half"; an exact rational's text, empty for other words.
std::string number_of_words(std::string_view words);

/// Whether a word multiplies the number before it: "million", "dozen".
bool is_multiple(std::string_view word);

/// Words that are read as a sign, and what it is: "+", "/", "^2".
struct SpokenSign {
  std::string_view words, sign;
};
/// The sign that the text begins with in words: "minus 4"; behind a value also "over 4", "times n",
/// "squared".
std::optional<SpokenSign> spoken_sign(std::string_view text, bool behind_value);

}  // namespace r1::grading
