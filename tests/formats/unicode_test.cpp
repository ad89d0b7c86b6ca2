#include "formats/unicode.h"

#include <gtest/gtest.h>

#include <string>

namespace r1::unicode {
namespace {

using namespace std::string_literals;

TEST(Unicode, DecodesEveryCharacterThatItAppends) {
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string text;
    append(text, code);
    const Decoded decoded = decode(text);
    ASSERT_EQ(decoded.state, Decoded::State::whole);
    ASSERT_EQ(decoded.character, code);
    ASSERT_EQ(decoded.length, text.size());
    // Every shorter beginning is cut, not invalid.
    for (std::size_t length = 1; length < text.size(); ++length) {
      ASSERT_EQ(decode(text.substr(0, length)).state, Decoded::State::cut);
    }
  }
}

TEST(Unicode, EachMaximalInvalidPartBecomesOneReplacement) {
  const std::string r = "\uFFFD";
  EXPECT_EQ(replace_invalid("a\x80z"), "a" + r + "z");
  EXPECT_EQ(replace_invalid("\xC0\xAF"), r + r);                     // overlong
  EXPECT_EQ(replace_invalid("\xE0\x80\x80"), r + r + r);             // overlong
  EXPECT_EQ(replace_invalid("\xED\xA0\x80"), r + r + r);             // surrogate
  EXPECT_EQ(replace_invalid("\xF4\x90\x80\x80"), r + r + r + r);     // above U+10FFFF
  EXPECT_EQ(replace_invalid("\xF0\x9F\x98g"), r + "g");              // cut by a letter
  EXPECT_EQ(replace_invalid("\xF0\x9F\x98\xE4\xBD\xA0"), r + "你");  // cut by a character
  EXPECT_EQ(replace_invalid("x\xF0\x9F\x98"), "x" + r);              // cut by the end
  EXPECT_EQ(replace_invalid("\xF8\xFF"), r + r);
  EXPECT_EQ(replace_invalid("a\0b"s), "a\0b"s);
  EXPECT_TRUE(is_valid("a\0\u00e9\U0010FFFF"s));
  EXPECT_FALSE(is_valid("\xED\xA0\x80"));
}

TEST(Unicode, ClassesAreThoseOfTheReference) {
  const std::uint8_t* classes = class_table();
  EXPECT_EQ(classes[U'a'], letter);
  EXPECT_EQ(classes[U'7'], number | digit_to_split);
  EXPECT_EQ(classes[U'$'], symbol);
  EXPECT_EQ(classes[U'!'], punctuation_mark);
  EXPECT_EQ(classes[0x301], mark);
  EXPECT_EQ(classes[0x3000], space);
  EXPECT_EQ(classes[0x180E], 0);                // no space to the reference
  EXPECT_EQ(classes[0x31350], letter);          // came with Unicode 15
  EXPECT_EQ(classes[0x1C89], letter);           // came with Unicode 16
  EXPECT_EQ(classes[0x11DE0], digit_to_split);  // came with Unicode 17: no \p{N} yet
  EXPECT_EQ(classes[0x10FFFF], 0);
}

TEST(Unicode, ScannerEndsWithACharacterOfNoLength) {
  const Scanner scanner("é");
  EXPECT_EQ(scanner.at(0).code, 0xE9u);
  EXPECT_EQ(scanner.at(2).length, 0);
  EXPECT_EQ(scanner.at(99).length, 0);
  EXPECT_EQ(scanner.part(0, 0).at(0).length, 0);
}

}  // namespace
}  // namespace r1::unicode
