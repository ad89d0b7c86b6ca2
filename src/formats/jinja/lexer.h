// Cuts a template's source into tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1::jinja {

enum class TokenKind : std::uint8_t {
  text,
  output_begin,
  output_end,
  block_begin,
  block_end,
  name,
  string,
  integer,
  floating,
  symbol,
  end,
};

struct Token {
  TokenKind kind;
  std::string text;  // string literals unescaped
  int line;
};

/// The tokens, the last of kind `end`. White space is controlled as with Jinja's trim_blocks and
/// lstrip_blocks and by - and + at the delimiters; one newline at the source's end is dropped.
/// Throws r1::Error with the line for what is no template.
std::vector<Token> tokenize(std::string_view source);

}  // namespace r1::jinja
