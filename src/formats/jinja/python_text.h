// Text as Python sees it: strings of code points held as UTF-8, its white space and its numbers.
// A byte that is no valid UTF-8 counts as one character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/jinja/value.h"

namespace r1::jinja {

/// Bytes of the character that begins at `position`.
std::size_t character_size(std::string_view text, std::size_t position);
/// The code point at `position`; U+FFFD for a byte that is no valid UTF-8.
char32_t code_point(std::string_view text, std::size_t position);
void append_code_point(std::string& text, char32_t point);
/// Number of code points.
std::size_t character_count(std::string_view text);
/// The characters one by one, views into `text`.
std::vector<std::string_view> characters(std::string_view text);

/// str.isspace() of one code point.
bool is_space(char32_t point);
/// str.lstrip(), rstrip() and strip() of white space.
std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);
std::string_view strip(std::string_view text);
/// The same for a set of characters.
std::string_view strip_left(std::string_view text, std::string_view set);
std::string_view strip_right(std::string_view text, std::string_view set);

/// Where `part` occurs at or after `from`, or npos; linear in the text's length.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0);
/// str.splitlines().
std::vector<std::string_view> split_lines(std::string_view text);

/// Simple case mapping, one code point to one.
char32_t upper(char32_t point);
char32_t lower(char32_t point);
bool is_letter(char32_t point);
std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
/// First character upper, the others lower case.
std::string capitalize(std::string_view text);

/// Python's repr of a number: "1e-07", "1.0", "inf".
std::string number_text(double number);
std::string number_text(Integer number);
/// Python's repr of a string, quotes included.
std::string python_repr(std::string_view text);

}  // namespace r1::jinja
