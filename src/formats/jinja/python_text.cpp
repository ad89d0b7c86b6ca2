#include "formats/jinja/python_text.h"

#include <clocale>
#include <cmath>
#include <cstring>
#include <cwctype>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace r1::jinja {
namespace {

/// Glibc's own table of case and class, whatever locale the user has.
locale_t unicode_locale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
}

std::string map_characters(std::string_view text, char32_t (*map)(char32_t)) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_size(text, i);
    if (size == 1 && static_cast<unsigned char>(text[i]) >= 0x80u) {
      result.push_back(text[i]);  // no valid UTF-8
    } else {
      append_code_point(result, map(code_point(text, i)));
    }
    i += size;
  }
  return result;
}

}  // namespace

std::size_t character_size(std::string_view text, std::size_t position) {
  const auto lead = static_cast<unsigned char>(text[position]);
  if (lead < 0x80u) return 1;
  const std::size_t size = lead >= 0xf0u && lead < 0xf5u   ? 4
                           : lead >= 0xe0u && lead < 0xf0u ? 3
                           : lead >= 0xc2u && lead < 0xe0u ? 2
                                                           : 1;
  if (position + size > text.size()) return 1;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[position + i])) return 1;
  }
  return size;
}

char32_t code_point(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[position + i]));
  };
  const auto tail = [&](std::size_t i) { return byte(i) & 0x3fu; };
  switch (character_size(text, position)) {
    case 2:
      return (byte(0) & 0x1fu) << 6 | tail(1);
    case 3:
      return (byte(0) & 0x0fu) << 12 | tail(1) << 6 | tail(2);
    case 4:
      return (byte(0) & 0x07u) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
    default:
      return byte(0) < 0x80u ? byte(0) : U'\uFFFD';
  }
}

void append_code_point(std::string& text, char32_t point) {
  const auto push = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80u) {
    push(point);
  } else if (point < 0x800u) {
    push(0xc0u | point >> 6);
    push(0x80u | (point & 0x3fu));
  } else if (point < 0x10000u) {
    push(0xe0u | point >> 12);
    push(0x80u | (point >> 6 & 0x3fu));
    push(0x80u | (point & 0x3fu));
  } else {
    push(0xf0u | point >> 18);
    push(0x80u | (point >> 12 & 0x3fu));
    push(0x80u | (point >> 6 & 0x3fu));
    push(0x80u | (point & 0x3fu));
  }
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += character_size(text, i)) ++count;
  return count;
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_size(text, i);
    result.push_back(text.substr(i, size));
    i += size;
  }
  return result;
}

bool is_space(char32_t point) {
  return (point >= 0x09 && point <= 0x0d) || (point >= 0x1c && point <= 0x20) || point == 0x85 ||
         point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
         point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f ||
         point == 0x3000;
}

namespace {

template <typename Drop>
std::string_view drop_left(std::string_view text, const Drop& drop) {
  while (!text.empty()) {
    const std::size_t size = character_size(text, 0);
    if (!drop(text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  return text;
}

template <typename Drop>
std::string_view drop_right(std::string_view text, const Drop& drop) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && is_continuation(text[start])) --start;
    if (character_size(text, start) != text.size() - start) start = text.size() - 1;
    if (!drop(text.substr(start))) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

bool is_space_character(std::string_view character) {
  return is_space(code_point(character, 0));
}

auto member_of(std::string_view set) {
  return [members = characters(set)](std::string_view character) {
    return std::find(members.begin(), members.end(), character) != members.end();
  };
}

}  // namespace

std::string_view strip_left(std::string_view text) {
  return drop_left(text, is_space_character);
}
std::string_view strip_right(std::string_view text) {
  return drop_right(text, is_space_character);
}
std::string_view strip(std::string_view text) {
  return strip_left(strip_right(text));
}
std::string_view strip_left(std::string_view text, std::string_view set) {
  return drop_left(text, member_of(set));
}
std::string_view strip_right(std::string_view text, std::string_view set) {
  return drop_right(text, member_of(set));
}

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t point = code_point(text, i);
    std::size_t size = character_size(text, i);
    const bool ends = (point >= 0x0a && point <= 0x0d) || (point >= 0x1c && point <= 0x1e) ||
                      point == 0x85 || point == 0x2028 || point == 0x2029;
    if (ends) {
      lines.push_back(text.substr(start, i - start));
      if (point == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++size;
      start = i + size;
    }
    i += size;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

char32_t upper(char32_t point) {
  return static_cast<char32_t>(towupper_l(static_cast<wint_t>(point), unicode_locale()));
}
char32_t lower(char32_t point) {
  return static_cast<char32_t>(towlower_l(static_cast<wint_t>(point), unicode_locale()));
}
bool is_letter(char32_t point) {
  return iswalpha_l(static_cast<wint_t>(point), unicode_locale()) != 0 &&
         iswdigit_l(static_cast<wint_t>(point), unicode_locale()) == 0;
}

std::string to_upper(std::string_view text) {
  return map_characters(text, upper);
}
std::string to_lower(std::string_view text) {
  return map_characters(text, lower);
}
std::string capitalize(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t size = character_size(text, 0);
  return to_upper(text.substr(0, size)) + to_lower(text.substr(size));
}

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer;
  // The shortest digits that read back the same; Python writes an exponent outside [1e-4, 1e16).
  const double size = std::fabs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
  std::string text(buffer.data(), end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string number_text(Integer number) {
  if (number == 0) return "0";
  const bool negative = number < 0;
  auto rest = static_cast<unsigned __int128>(number);
  if (negative) rest = -rest;
  std::string digits;
  for (; rest != 0; rest /= 10)
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string python_repr(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  const char quote = single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string result(1, quote);
  const auto hexadecimal = [&](char letter, unsigned digits, char32_t point) {
    result.push_back('\\');
    result.push_back(letter);
    for (unsigned i = digits; i-- > 0;)
      result.push_back("0123456789abcdef"[point >> (4 * i) & 15u]);
  };
  for (std::size_t i = 0; i < text.size(); i += character_size(text, i)) {
    const char32_t point = code_point(text, i);
    if (point == static_cast<char32_t>(quote) || point == '\\') {
      result.push_back('\\');
      result.push_back(static_cast<char>(point));
    } else if (point == '\n') {
      result += "\\n";
    } else if (point == '\r') {
      result += "\\r";
    } else if (point == '\t') {
      result += "\\t";
    } else if (point < 0x20 || (point >= 0x7f && point <= 0xa0) || point == 0xad) {
      hexadecimal('x', 2, point);
    } else if ((is_space(point) && point != ' ') || (point >= 0x200b && point <= 0x200f) ||
               (point >= 0x202a && point <= 0x202e) || point == 0xfeff) {
      hexadecimal('u', 4, point);
    } else {
      result += text.substr(i, character_size(text, i));
    }
  }
  result.push_back(quote);
  return result;
}

}  // namespace r1::jinja
