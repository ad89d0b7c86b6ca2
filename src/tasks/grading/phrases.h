// What words around a value say of it.
#pragma once

#include <string>
#include <string_view>

namespace r1::grading {

/// Words in lower case with single spaces and without punctuation at their ends.
std::string normalised_words(std::string_view text);

/// Whether words (in lower case) before a value deny it or make another of it: "not", "can't be",
/// "more than", "up to", "the square root of", "echo".
bool change_what_follows(std::string_view words);

/// Whether words (in lower case) behind a value deny it or make another of it: "is wrong", "can be
/// ruled out", "squared", "less than", "hundredths".
bool change_what_precedes(std::string_view words);

/// Whether one of the words (in lower case) denies something, or doubts it.
bool has_denial(std::string_view words);

/// Whether what is said behind a value takes it back: ", but they are mistaken", "? No.".
bool take_back(std::string_view text);

/// Whether words (in lower case) before a value only suppose it: "if it were".
bool suppose(std::string_view words);

/// What a sentence in words says of its subject, without article: "hexagon" of "The shape is a
/// hexagon". The text itself where it isn't one, or denies what it says.
std::string_view complement_of(std::string_view sentence);

/// The words (in lower case) that tell what a value is of: "minimum" of "so the minimum value is".
std::string naming_words(std::string_view words);

/// Whether two texts of such words may name the same: one says all that the other does.
bool name_alike(std::string_view a, std::string_view b);

}  // namespace r1::grading
