// Text as prose: its words, its braces and what stands around them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace r1::grading {

/// Where the brace that `open` points at is closed; npos if it isn't.
std::size_t closing_brace(std::string_view text, std::size_t open);
/// Part of a character beyond ASCII: where signs are written in ASCII, of a word.
constexpr bool is_foreign(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
/// How many words there are outside of formulas and commands that aren't names of functions or
/// units.
std::size_t prose_words(std::string_view text);

}  // namespace r1::grading
