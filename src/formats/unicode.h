// UTF-8 and the classes of characters that tokenizers ask for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace r1::unicode {

/// What stands at the beginning of some bytes.
struct Decoded {
  enum class State : std::uint8_t {
    whole,    // a character of `length` bytes
    invalid,  // `length` bytes that belong to no character (a maximal part, as WHATWG defines it)
    cut,      // the bytes end inside a character that may still become whole
  };
  char32_t character;  // U+FFFD unless whole
  std::uint32_t length;
  State state;
};

inline constexpr char32_t replacement = 0xFFFD;

/// Decodes the first character of `bytes`, which must not be empty.
Decoded decode(std::string_view bytes);
/// Appends a character in UTF-8.
void append(std::string& text, char32_t character);
/// True if all of `bytes` is well-formed UTF-8.
bool is_valid(std::string_view bytes);
/// The text with each maximal invalid part (a cut character at the end too) replaced by U+FFFD.
std::string replace_invalid(std::string_view bytes);

/// Classes of a character, as bits.
enum Class : std::uint8_t {
  letter = 1,            // \p{L}
  number = 2,            // \p{N}
  mark = 4,              // \p{M}
  punctuation_mark = 8,  // \p{P}
  symbol = 16,           // \p{S}
  space = 32,            // \s
  digit_to_split = 64,   // what the reference's Digits step takes for a digit
};

/// The classes of every code point, indexed by it; 0x110000 entries.
const std::uint8_t* class_table();

/// A character within a text.
struct Character {
  char32_t code;
  std::uint8_t length;  // 0 at the end of the text
  std::uint8_t classes;
  bool is(int any_of) const { return (classes & any_of) != 0; }
  bool is_line_break() const { return code == '\r' || code == '\n'; }
};

/// Reads the characters of a text that is known to be valid UTF-8.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), classes_(class_table()) {}
  std::size_t size() const { return text_.size(); }
  std::string_view text() const { return text_; }
  /// The same for a part of the text.
  Scanner part(std::size_t begin, std::size_t end) const {
    return Scanner(text_.substr(begin, end - begin), classes_);
  }
  /// The character at `position`, or one of length 0 and no class if that is the end.
  Character at(std::size_t position) const {
    if (position >= text_.size()) return {0, 0, 0};
    const auto byte = static_cast<unsigned char>(text_[position]);
    if (byte < 0x80) return {byte, 1, classes_[byte]};
    const Decoded decoded = decode(text_.substr(position));
    return {decoded.character, static_cast<std::uint8_t>(decoded.length),
            classes_[decoded.character]};
  }

 private:
  Scanner(std::string_view text, const std::uint8_t* classes) : text_(text), classes_(classes) {}
  std::string_view text_;
  const std::uint8_t* classes_;
};

}  // namespace r1::unicode
