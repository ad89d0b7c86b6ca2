#include "formats/unicode.h"

#include <vector>

#include "formats/unicode_tables.h"

namespace r1::unicode {

Decoded decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, Decoded::State::whole};
  if (lead < 0xC2 || lead > 0xF4) return {replacement, 1, Decoded::State::invalid};
  const std::uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t character = lead & (0x7Fu >> length);
  for (std::uint32_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {replacement, i, Decoded::State::cut};
    if (byte(i) < low || byte(i) > high) return {replacement, i, Decoded::State::invalid};
    character = (character << 6) | (byte(i) & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {character, length, Decoded::State::whole};
}

void append(std::string& text, char32_t character) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80u | ((character >> shift) & 0x3Fu));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += {static_cast<char>(0xC0u | (character >> 6)), tail(0)};
  } else if (character < 0x10000) {
    text += {static_cast<char>(0xE0u | (character >> 12)), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xF0u | (character >> 18)), tail(12), tail(6), tail(0)};
  }
}

bool is_valid(std::string_view bytes) {
  while (!bytes.empty()) {
    const Decoded decoded = decode(bytes);
    if (decoded.state != Decoded::State::whole) return false;
    bytes.remove_prefix(decoded.length);
  }
  return true;
}

std::string replace_invalid(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded decoded = decode(bytes);
    append(text, decoded.character);
    bytes.remove_prefix(decoded.length);
  }
  return text;
}

namespace {

std::vector<std::uint8_t> make_class_table() {
  std::vector<std::uint8_t> table(0x110000, 0);
  const auto set = [&](std::span<const Range> ranges, Class bit) {
    for (const Range range : ranges) {
      for (char32_t code = range.first; code <= range.last; ++code) table[code] |= bit;
    }
  };
  set(letters, letter);
  set(numbers, number);
  set(marks, mark);
  set(punctuation, punctuation_mark);
  set(symbols, symbol);
  set(spaces, space);
  set(digits_to_split, digit_to_split);
  return table;
}

}  // namespace

const std::uint8_t* class_table() {
  static const std::vector<std::uint8_t> table = make_class_table();
  return table.data();
}

}  // namespace r1::unicode
