// An answer's text as tokens: LaTeX in its dialects, plain notation and Unicode signs alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1::grading {

enum class TokenKind {
  number,   // text: an exact rational ("4500" of 4.5e3, "1/3" of 0.\overline{3})
  letter,   // text: one letter, or the name of a Greek one
  command,  // text: a function, operator or environment, without backslash ("frac", "sin", "cup")
  sign,     // text: one of + - * / ^ _ ( ) [ ] { } | , ; : ! ' = < > & % \ ... ("\\" a new row)
  words,    // text: words that are no formula, in lower case
  end,
};

struct Token {
  TokenKind kind;
  std::string text;
  bool spaced = false;      // white space stands before it
  std::string digits = {};  // of a number without point: as written
};

/// The tokens, an end token last. Digits grouped by commas are one number where they stand outside
/// of brackets. Throws Unreadable for what can't be part of an answer.
std::vector<Token> tokenize(std::string_view text);

/// Internal to the parser: the text is no formula that is understood.
struct Unreadable {};

}  // namespace r1::grading
