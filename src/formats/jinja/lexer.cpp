#include "formats/jinja/lexer.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "formats/jinja/python_text.h"

namespace r1::jinja {
namespace {

bool is_decimal_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_character(char c) {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80u;
}

/// Every newline as \n, and without the last one.
std::string normalized(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      text.push_back(source[i]);
    } else {
      text.push_back('\n');
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    }
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string source) : source_(std::move(source)) {}

  std::vector<Token> run() {
    while (position_ < source_.size()) {
      const std::size_t open = find_open(position_);
      if (open == std::string::npos) {
        add(TokenKind::text, source_.substr(position_));
        break;
      }
      const char kind = source_[open + 1];
      add_text(open, kind != '{');
      advance_to(open + 2);
      if (peek() == '-' || peek() == '+') advance_to(position_ + 1);
      if (kind == '#') {
        skip_comment();
      } else if (kind == '%' && at_raw()) {
        take_raw();
      } else {
        take_code(kind == '{');
      }
    }
    add(TokenKind::end, {});
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("chat template, line " + std::to_string(line_), what);
  }
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < source_.size() ? source_[position_ + ahead] : '\0';
  }
  bool at(std::string_view text) const {
    return source_.compare(position_, text.size(), text) == 0;
  }
  void advance_to(std::size_t position) {
    line_ +=
        static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(position_),
                                    source_.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
    position_ = position;
  }
  void skip_space() {
    const std::string_view rest = std::string_view(source_).substr(position_);
    advance_to(source_.size() - strip_left(rest).size());
  }
  void add(TokenKind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_}); }

  std::size_t find_open(std::size_t from) const {
    for (std::size_t i = from; i + 1 < source_.size(); ++i) {
      if (source_[i] == '{' &&
          (source_[i + 1] == '{' || source_[i + 1] == '%' || source_[i + 1] == '#')) {
        return i;
      }
    }
    return std::string::npos;
  }

  /// The text up to the delimiter at `open`; `is_block`: white space between the line's start and
  /// the delimiter is dropped (lstrip_blocks).
  void add_text(std::size_t open, bool is_block) {
    const bool starts_line = position_ == 0 || source_[position_ - 1] == '\n';
    std::string_view text = std::string_view(source_).substr(position_, open - position_);
    const char sign = open + 2 < source_.size() ? source_[open + 2] : '\0';
    if (sign == '-') {
      text = strip_right(text);
    } else if (sign != '+' && is_block) {
      const std::size_t newline = text.rfind('\n');
      const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
      if ((start > 0 || starts_line) && strip_left(text.substr(start)).empty()) {
        text = text.substr(0, start);
      }
    }
    if (!text.empty()) add(TokenKind::text, std::string(text));
    advance_to(open);
  }

  /// After a closing delimiter: what its sign and trim_blocks take of the text behind it.
  void trim_after(char sign, bool is_block) {
    if (sign == '-') {
      skip_space();
    } else if (sign != '+' && is_block && peek() == '\n') {
      advance_to(position_ + 1);
    }
  }

  void skip_comment() {
    const std::size_t close = source_.find("#}", position_);
    if (close == std::string::npos) fail("a comment is not closed");
    const char sign = close > position_ ? source_[close - 1] : '\0';
    advance_to(close + 2);
    trim_after(sign, true);
  }

  bool at_raw() {
    const std::size_t start = position_;
    const int line = line_;
    skip_space();
    if (at("raw") && !is_name_character(peek(3))) {
      advance_to(position_ + 3);
      skip_space();
      if (at("%}") || at("-%}")) return true;
    }
    position_ = start;
    line_ = line;
    return false;
  }

  void take_raw() {
    if (at("-%}")) {
      advance_to(position_ + 3);
      skip_space();
    } else {
      advance_to(position_ + 2);
    }
    for (std::size_t open = source_.find("{%", position_); open != std::string::npos;
         open = source_.find("{%", open + 2)) {
      std::string_view rest = std::string_view(source_).substr(open + 2);
      if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
      rest = strip_left(rest);
      if (!rest.starts_with("endraw")) continue;
      rest = strip_left(rest.substr(6));
      const char sign = rest.empty() ? '\0' : rest[0];
      if (sign == '-' || sign == '+') rest.remove_prefix(1);
      if (!rest.starts_with("%}")) continue;
      add_text(open, true);
      advance_to(source_.size() - rest.size() + 2);
      trim_after(sign, true);
      return;
    }
    fail("a raw block is not closed");
  }

  void take_code(bool is_output) {
    add(is_output ? TokenKind::output_begin : TokenKind::block_begin, {});
    const std::string_view close = is_output ? "}}" : "%}";
    std::string open_brackets;
    for (;;) {
      skip_space();
      if (position_ >= source_.size()) fail("a tag is not closed");
      if (open_brackets.empty()) {
        const char sign = peek();
        const bool has_sign = sign == '-' || (sign == '+' && !is_output);
        if (source_.compare(position_ + (has_sign ? 1 : 0), 2, close) == 0) {
          add(is_output ? TokenKind::output_end : TokenKind::block_end, {});
          advance_to(position_ + (has_sign ? 3 : 2));
          trim_after(has_sign ? sign : '\0', !is_output);
          return;
        }
      }
      take_token(open_brackets);
    }
  }

  void take_token(std::string& open_brackets) {
    const char c = peek();
    if (is_decimal_digit(c)) return take_number();
    if (is_name_character(c)) return take_name();
    if (c == '\'' || c == '"') return take_string();
    static constexpr std::array<std::string_view, 26> symbols = {
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
        "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
    const auto* found =
        std::find_if(symbols.begin(), symbols.end(), [&](std::string_view s) { return at(s); });
    if (found == symbols.end()) fail("an unexpected character");
    if (c == '(' || c == '[' || c == '{') open_brackets.push_back(c);
    if (c == ')' || c == ']' || c == '}') {
      const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open_brackets.empty() || open_brackets.back() != opening) {
        fail(std::string("an unexpected '") + c + "'");
      }
      open_brackets.pop_back();
    }
    add(TokenKind::symbol, std::string(*found));
    advance_to(position_ + found->size());
  }

  void take_name() {
    std::size_t stop = position_;
    while (stop < source_.size() && is_name_character(source_[stop])) ++stop;
    add(TokenKind::name, source_.substr(position_, stop - position_));
    position_ = stop;
  }

  void take_number() {
    std::size_t stop = position_;
    bool is_float = false;
    const auto digits = [&] {
      while (stop < source_.size() && (is_decimal_digit(source_[stop]) || source_[stop] == '_'))
        ++stop;
    };
    const auto digit_at = [&](std::size_t i) {
      return i < source_.size() && is_decimal_digit(source_[i]);
    };
    digits();
    const bool after_dot = position_ > 0 && source_[position_ - 1] == '.';
    if (!after_dot && stop < source_.size() && source_[stop] == '.' && digit_at(stop + 1)) {
      is_float = true;
      ++stop;
      digits();
    }
    if (!after_dot && stop < source_.size() && (source_[stop] == 'e' || source_[stop] == 'E')) {
      const bool sign =
          stop + 1 < source_.size() && (source_[stop + 1] == '+' || source_[stop + 1] == '-');
      if (digit_at(stop + (sign ? 2 : 1))) {
        is_float = true;
        stop += sign ? 2 : 1;
        digits();
      }
    }
    std::string text = source_.substr(position_, stop - position_);
    std::erase(text, '_');
    add(is_float ? TokenKind::floating : TokenKind::integer, std::move(text));
    position_ = stop;
  }

  void take_string() {
    const char quote = peek();
    std::size_t stop = position_ + 1;
    while (stop < source_.size() && source_[stop] != quote) stop += source_[stop] == '\\' ? 2 : 1;
    if (stop >= source_.size()) fail("a string is not closed");
    add(TokenKind::string,
        unescaped(std::string_view(source_).substr(position_ + 1, stop - position_ - 1)));
    advance_to(stop + 1);
  }

  /// Python's escapes; an unknown one stays as it stands.
  std::string unescaped(std::string_view text) const {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        result.push_back(text[i]);
        continue;
      }
      const char c = text[++i];
      static constexpr std::string_view from = "ntrabfv\\'\"", to = "\n\t\r\a\b\f\v\\'\"";
      if (const std::size_t known = from.find(c); known != std::string_view::npos) {
        result.push_back(to[known]);
      } else if (c == 'x' || c == 'u' || c == 'U') {
        const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        append_code_point(result, number_in(text.substr(i + 1), digits, digits, 16));
        i += digits;
      } else if (c >= '0' && c <= '7') {
        std::size_t size = 1;
        while (size < 3 && i + size < text.size() && text[i + size] >= '0' &&
               text[i + size] <= '7') {
          ++size;
        }
        append_code_point(result, number_in(text.substr(i), size, size, 8));
        i += size - 1;
      } else if (c != '\n') {
        result.push_back('\\');
        result.push_back(c);
      }
    }
    return result;
  }

  char32_t number_in(std::string_view text, std::size_t size, std::size_t needed, int base) const {
    const std::string digits(text.substr(0, size));
    const bool valid = digits.size() == needed &&
                       digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    const unsigned long point = valid ? std::stoul(digits, nullptr, base) : 0x110000;
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) fail("a bad escape in a string");
    return static_cast<char32_t>(point);
  }

  const std::string source_;
  std::size_t position_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  return Lexer(normalized(source)).run();
}

}  // namespace r1::jinja
