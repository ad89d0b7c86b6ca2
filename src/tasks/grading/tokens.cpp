#include "tasks/grading/tokens.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/characters.h"
#include "tasks/grading/decimals.h"
#include "tasks/grading/number_words.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/times_of_day.h"
#include "tasks/grading/units.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr std::size_t kMostTokens = 20000;
constexpr long kLargestDecimalExponent = 5000;
constexpr int kDeepestText = 8;

class Tokenizer {
 public:
  Tokenizer(std::string_view text, int depth) : text_(text), depth_(depth) {
    if (depth > kDeepestText) throw Unreadable{};
    comma_groups_ = groups_by_commas(text);
  }

  std::vector<Token> run() {
    while (at_ < text_.size()) next();
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool follows(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void add(TokenKind kind, std::string text, std::string digits = {}) {
    if (tokens_.size() >= kMostTokens) throw Unreadable{};
    tokens_.push_back({kind, std::move(text), spaced_, std::move(digits)});
    spaced_ = false;
  }

  void next() {
    const char c = peek();
    if (is_space(c) || c == '~' || c == '$') {
      ++at_;
      spaced_ = true;
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (c == '{' && peek(1) == ':' && peek(2) == '}') {  // without the space around
      add(TokenKind::sign, ":");
      at_ += 3;
    } else if (is_letter(c)) {
      letters();
    } else if (c == '\\') {
      ++at_;
      command();
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      foreign();
    } else {
      plain_sign(c);
    }
  }

  void plain_sign(char c) {
    static constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
        {"**", "^"},  {"!=", "ne"}, {"<=", "le"},    {">=", "ge"}, {"==", "="},
        {"=<", "le"}, {"=>", "ge"}, {"...", "dots"}, {"+-", "pm"}, {"+/-", "pm"}};
    for (const auto& [spelling, meaning] : kPairs) {
      if (!follows(spelling)) continue;
      if (spelling == "!=" && follows("!==")) continue;
      at_ += spelling.size();
      return add(is_letter(meaning[0]) ? TokenKind::command : TokenKind::sign,
                 std::string(meaning));
    }
    ++at_;
    add(TokenKind::sign, std::string(1, c));
  }

  std::string take_digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// Whether `separator` and three digits, not four, follow: "{,}000".
  bool group_follows(std::string_view separator) const {
    if (!follows(separator)) return false;
    const std::size_t n = separator.size();
    return is_digit(peek(n)) && is_digit(peek(n + 1)) && is_digit(peek(n + 2)) &&
           !is_digit(peek(n + 3));
  }

  void number() {
    std::string whole = take_digits();
    while (!whole.empty()) {
      const char* kSeparators[] = {"{,}", ",\\!", "{,}\\!", "\\,", "\\!", ",\\! ", "{,\\!}"};
      const auto* separator = std::find_if(std::begin(kSeparators), std::end(kSeparators),
                                           [&](const char* s) { return group_follows(s); });
      if (separator != std::end(kSeparators)) {
        at_ += std::string_view(*separator).size();
      } else if (comma_groups_ && group_follows(",")) {
        ++at_;
      } else {
        break;
      }
      whole += take_digits();
    }
    std::string digits = whole;
    std::string fraction;
    if (peek() == '.' && (is_digit(peek(1)) || period_follows(1) || !follows(".."))) {
      digits.clear();
      ++at_;
      fraction = take_digits();
    }
    std::string period = repeating_digits();
    if (period.empty() && !fraction.empty()) period = digits_before_dots(whole, fraction);
    if (!period.empty()) digits.clear();
    long exponent = 0;
    if (scientific_follows()) {
      digits.clear();
      ++at_;
      const bool negative = peek() == '-';
      if (peek() == '-' || peek() == '+') ++at_;
      const std::string written = take_digits();
      if (written.size() > 6) throw Unreadable{};
      exponent = std::stol(written) * (negative ? -1 : 1);
      if (std::abs(exponent) > kLargestDecimalExponent) throw Unreadable{};
    }
    add(TokenKind::number, fraction_of_digits(whole, fraction, period, exponent), digits);
  }

  /// The 3 of 0.(3)
  std::string bracketed_digits() {
    const std::size_t close = std::min(text_.find(')', at_), text_.size());
    const std::string digits(text_.substr(at_ + 1, close - at_ - 1));
    if (close == text_.size() || !std::all_of(digits.begin(), digits.end(), is_digit)) return "";
    at_ = close + 1;
    return digits;
  }

  /// \overline{3}, \bar{3}, \dot{3}
  bool period_follows(std::size_t ahead) const {
    const std::string_view rest = text_.substr(std::min(at_ + ahead, text_.size()));
    return rest.starts_with("\\overline") || rest.starts_with("\\bar") ||
           rest.starts_with("\\dot{") || rest.starts_with("\\overbar");
  }

  std::string repeating_digits() {
    if (at_ > 0 && text_[at_ - 1] == '.' && peek() == '(') return bracketed_digits();
    if (!period_follows(0)) return "";
    const std::size_t before = at_;
    while (peek() != '\0' && !is_digit(peek()) && peek() != '}') ++at_;
    std::string period = take_digits();
    if (period.empty() || (peek() == '}' && text_[before] != '\\')) {
      at_ = before;
      return "";
    }
    if (peek() == '}') ++at_;
    // 0.\dot{1}2\dot{3}: dots over the first and the last digit.
    if (text_.substr(before).starts_with("\\dot{")) {
      const std::size_t after = at_;
      const std::string between = take_digits();
      if (follows("\\dot{")) {
        at_ += 5;
        period += between + take_digits();
        if (peek() == '}') ++at_;
      } else {
        at_ = after;
      }
    }
    return period;
  }

  /// The period of 0.333... and 0.1666..., which is taken off the digits that are written; empty
  /// where no dots follow or nothing repeats.
  std::string digits_before_dots(const std::string& whole, std::string& fraction) {
    static constexpr std::string_view kDots[] = {"...", "\\ldots", "\\dots", "\\cdots"};
    const auto* dots = std::find_if(std::begin(kDots), std::end(kDots),
                                    [&](std::string_view spelling) { return follows(spelling); });
    if (dots == std::end(kDots) || whole.size() > 20) return "";
    const std::string period = repeated_end(fraction);
    if (period.empty()) return "";
    at_ += dots->size();
    while (fraction.ends_with(period)) fraction.resize(fraction.size() - period.size());
    return period;
  }

  bool scientific_follows() const {
    if (peek() != 'e' && peek() != 'E') return false;
    const std::size_t sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
    std::size_t end = 1 + sign;
    while (is_digit(peek(end))) ++end;
    // 3E8_{16} is a number to another base.
    return end > 1 + sign && peek(end) != '_';
  }

  std::string take_letters() {
    const std::size_t begin = at_;
    while (is_letter(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool after_number() const { return !tokens_.empty() && tokens_.back().kind == TokenKind::number; }

  /// After the 10^{-7} of 5 \times 10^{-7} \mathrm{T}.
  bool after_power() const {
    const std::size_t count = tokens_.size();
    return count > 2 && tokens_[count - 1].text == "}" &&
           tokens_[count - 2].kind == TokenKind::number;
  }

  /// After the "m^2 /" of m^2 / s.
  bool after_unit() const {
    if (tokens_.empty() || (tokens_.back().text != "/" && tokens_.back().text != "*")) return false;
    const auto last = std::find_if(tokens_.rbegin(), tokens_.rend(), [](const Token& token) {
      return token.kind != TokenKind::number && token.kind != TokenKind::sign;
    });
    return last != tokens_.rend() && last->kind == TokenKind::words && measure_of(last->text);
  }

  /// "km/h" or "m/s^2" after a number and a space.
  bool quotient_of_units() {
    if (!(after_number() || after_power()) || !spaced_) return false;
    std::size_t end = at_;
    while (end < text_.size() &&
           (is_letter(text_[end]) || is_digit(text_[end]) ||
            std::string_view("/^{}-").find(text_[end]) != std::string_view::npos)) {
      ++end;
    }
    const std::string_view unit = text_.substr(at_, end - at_);
    if (unit.find('/') == std::string_view::npos || !measure_of(unit)) return false;
    at_ = end;
    add(TokenKind::words, std::string(unit));
    return true;
  }

  /// "a.m.", "PM" after a time, or after a number where nothing follows.
  bool half_of_day() {
    const std::size_t length = half_of_day_length(text_.substr(at_));
    if (length == 0 || !after_number()) return false;
    const bool clock = tokens_.size() > 2 && tokens_[tokens_.size() - 2].text == ":";
    const bool is_last = text_.find_first_not_of(" \n$.", at_ + length) == std::string_view::npos;
    if (!clock && !(is_last && (spaced_ || text_[at_ + 1] == '.'))) return false;
    const char first = peek();
    at_ += length;
    add(TokenKind::words, first == 'a' || first == 'A' ? "am" : "pm");
    return true;
  }

  /// "five", "twenty-one"
  bool number_word() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || text_[end] == '-')) ++end;
    const std::string value = number_of_words(text_.substr(at_, end - at_));
    if (value.empty() || after_number()) return false;
    at_ = end;
    add(TokenKind::number, value);
    return true;
  }

  /// "minus 4", "3 plus 4", "7 squared"
  bool sign_word() {
    const bool behind_value =
        !tokens_.empty() && (after_number() || tokens_.back().kind == TokenKind::letter ||
                             tokens_.back().text == ")" || tokens_.back().text == "pi");
    const auto spoken = spoken_sign(text_.substr(at_), behind_value);
    if (!spoken) return false;
    at_ += spoken->words.size();
    append(spoken->sign);
    return true;
  }

  /// Whether a word or a value follows after a space.
  bool goes_on() const {
    const char next = peek(1);
    return peek() == ' ' && (is_letter(next) || is_digit(next) || next == '$' || next == '\\');
  }

  /// "3 x 4" and "1.2 x 10^5"
  bool times_sign() {
    if (!after_number() || !spaced_ || (peek() != 'x' && peek() != 'X')) return false;
    if (peek(1) != ' ' || !is_digit(peek(2))) return false;
    ++at_;
    add(TokenKind::sign, "*");
    return true;
  }

  /// In "$5$ erg", where a formula has ended and no other follows.
  bool is_behind_formulas() const {
    const std::string_view before = text_.substr(0, at_), after = text_.substr(at_);
    const auto signs = std::count(before.begin(), before.end(), '$');
    return signs > 0 && signs % 2 == 0 && after.find_first_of("$\\=<>") == std::string_view::npos &&
           before.find_last_not_of(' ') == before.rfind('$');
  }

  void letters() {
    if (quotient_of_units() || half_of_day() || number_word() || sign_word() || times_sign()) {
      return;
    }
    if (is_behind_formulas()) return words();
    const std::size_t begin = at_;
    std::string run = take_letters();
    const std::string_view name = canonical_command(run);
    if (run == "min" && after_number()) return add(TokenKind::words, run);
    const std::string_view rest =
        text_.substr(std::min(text_.find_first_not_of("^{}23", at_), text_.size()));
    const bool is_last = rest.find_first_not_of(" .$") == std::string_view::npos;
    if (run == "in" && is_last) return add(TokenKind::words, run);  // inches, as no set follows
    if (run.size() > 1 && (is_function(name) || is_greek_letter(run) || run == "pi")) {
      return add(run != "pi" && is_greek_letter(run) ? TokenKind::letter : TokenKind::command,
                 std::string(name));
    }
    if (run == "and" || run == "or" || run == "infty" || run == "inf" || run == "infinity" ||
        run == "oo" || run == "union" || run == "in" || run == "mod") {
      return add(TokenKind::command, std::string(name));
    }
    if ((spaced_ || begin == 0) && goes_on() && is_short_word(run)) {
      at_ = begin;
      return words();
    }
    if (run.size() == 1 || (is_product_of_letters(run) && !(after_number() && is_unit(run)))) {
      for (const char letter : run) add(TokenKind::letter, std::string(1, letter));
      return;
    }
    at_ = begin;
    words();
  }

  /// Words up to what can't belong to them; "and" and "or" separate.
  void words() {
    std::string collected;
    while (at_ < text_.size()) {
      if (is_letter(peek()) || static_cast<unsigned char>(peek()) >= 0x80) {
        const std::size_t begin = at_;
        while (is_letter(peek()) || static_cast<unsigned char>(peek()) >= 0x80 ||
               ((peek() == '-' || peek() == '\'') && is_letter(peek(1)))) {
          ++at_;
        }
        const std::string word(text_.substr(begin, at_ - begin));
        if (!collected.empty() && (word == "and" || word == "or" || word.size() == 1)) {
          at_ = begin;
          break;
        }
        collected += (collected.empty() ? "" : " ") + word;
      } else if (is_space(peek())) {
        ++at_;
      } else {
        break;
      }
    }
    add(TokenKind::words, normalised_words(collected));
    spaced_ = at_ > 0 && is_space(text_[at_ - 1]);
  }

  /// Letters beyond ASCII make a word.
  void foreign() { words(); }

  void command() {
    const char c = peek();
    if (!is_letter(c)) {
      if (at_ < text_.size()) ++at_;
      return symbol_command(c);
    }
    std::string name = take_letters();
    for (const std::string_view spacing : {"qquad", "quad"}) {
      // \quadx is a slip for \quad x.
      if (name.size() != spacing.size() + 1 || !name.starts_with(spacing)) continue;
      --at_;
      name.pop_back();
    }
    if (peek() == '*') ++at_;
    if (is_text_command(name)) return text_argument(name);
    const std::string_view canonical = canonical_command(name);
    if (canonical == "|" || canonical == "<" || canonical == ">" || canonical == "*" ||
        canonical == "/" || canonical == ":" || canonical == "(" || canonical == ")" ||
        canonical == "[" || canonical == "]") {
      return add(TokenKind::sign, std::string(canonical));
    }
    if (canonical == "{" || canonical == "}") {
      return add(TokenKind::command, canonical == "{" ? "lbrace" : "rbrace");
    }
    if (is_layout_command(canonical)) {
      // \left. and \right. are brackets that aren't drawn.
      if ((name == "left" || name == "right") && peek() == '.') ++at_;
      spaced_ = true;
      return;
    }
    if (name == "mathbb" || name == "mathcal") return blackboard_letter();
    if (name == "begin" || name == "end") {
      return add(TokenKind::command, name + " " + braced_argument());
    }
    if (name == "phantom" || name == "hspace" || name == "vspace" || name == "label" ||
        name == "tag" || name == "color") {
      braced_argument();
      return;
    }
    if (name == "textcolor" || name == "colorbox") {
      braced_argument();
      return append(braced_argument());
    }
    if (name == "pmod") return modulus_in_brackets();
    if (name == "bmod" || name == "mod") return add(TokenKind::command, "mod");
    if (name == "cr") return add(TokenKind::sign, "\\");
    if (name == "Pr") return add(TokenKind::letter, name);
    if (name == "top" || name == "intercal") return add(TokenKind::letter, "T");
    if (name == "imath" || name == "jmath") return add(TokenKind::letter, name.substr(0, 1));
    if (canonical == "Omega" && after_number() && peek() != '_' && peek() != '^') {
      return add(TokenKind::words, "ohm");
    }
    if (is_greek_letter(canonical)) return add(TokenKind::letter, std::string(canonical));
    add(TokenKind::command, std::string(canonical));
  }

  /// \pmod{7} as it is drawn: (mod 7).
  void modulus_in_brackets() {
    while (is_space(peek())) ++at_;
    const std::string modulus = is_digit(peek()) ? take_digits() : braced_argument();
    add(TokenKind::sign, "(");
    add(TokenKind::command, "mod");
    append(modulus);
    add(TokenKind::sign, ")");
  }

  void symbol_command(char c) {
    if (c == '$') return add(TokenKind::sign, "$");
    if (std::string_view(",;:! >\n()[]").find(c) != std::string_view::npos) {
      spaced_ = true;
      return;
    }
    switch (c) {
      case '{':
        return add(TokenKind::command, "lbrace");
      case '}':
        return add(TokenKind::command, "rbrace");
      case '\\':
        return double_backslash();
      case '|':
        return add(TokenKind::sign, "|");
      case '%':
      case '_':
      case '&':
      case '#':
        return add(TokenKind::sign, std::string(1, c));
      default:
        throw Unreadable{};
    }
  }

  /// A new row; but before a command's name the backslash was only written twice.
  void double_backslash() {
    static constexpr std::string_view kNames[] = {"frac",  "dfrac", "tfrac", "sqrt",
                                                  "begin", "end",   "text",  "left",
                                                  "right", "boxed", "cdot",  "times"};
    const bool is_command = std::any_of(std::begin(kNames), std::end(kNames),
                                        [&](std::string_view name) { return follows(name); });
    if (is_command) return command();
    add(TokenKind::sign, "\\");
    skip_row_space();
  }

  /// "[4pt]" after a row is space.
  void skip_row_space() {
    const std::size_t close = text_.find(']', at_);
    if (peek() != '[' || close == std::string_view::npos || close - at_ < 4) return;
    const std::string_view unit = text_.substr(close - 2, 2);
    constexpr std::string_view kLengths = "pt em ex mm cm in ";
    const std::size_t found = kLengths.find(unit);
    if (found == std::string_view::npos || found % 3 != 0) return;
    for (std::size_t i = at_ + 1; i + 2 < close; ++i) {
      if (!is_digit(text_[i]) && text_[i] != '.' && text_[i] != '-') return;
    }
    at_ = close + 1;
  }

  /// The text between the braces that follow; without braces, the next character.
  std::string braced_argument() {
    while (is_space(peek())) ++at_;
    if (peek() != '{') return at_ < text_.size() ? std::string(1, text_[at_++]) : "";
    int depth = 0;
    const std::size_t begin = at_ + 1;
    for (; at_ < text_.size(); ++at_) {
      if (peek() == '\\') {
        ++at_;
      } else if (peek() == '{') {
        ++depth;
      } else if (peek() == '}' && --depth == 0) {
        return std::string(text_.substr(begin, at_++ - begin));
      }
    }
    throw Unreadable{};
  }

  void blackboard_letter() {
    const std::string letter = braced_argument();
    static constexpr std::pair<std::string_view, std::string_view> kSets[] = {{"R", "reals"},
                                                                              {"Z", "integers"},
                                                                              {"Q", "rationals"},
                                                                              {"N", "naturals"},
                                                                              {"C", "complexes"}};
    for (const auto& [name, set] : kSets) {
      if (letter == name) return add(TokenKind::command, std::string(set));
    }
    add(TokenKind::letter, letter);
  }

  void append(std::string_view text) {
    for (Token& token : Tokenizer(text, depth_ + 1).run()) {
      if (tokens_.size() >= kMostTokens) throw Unreadable{};
      token.spaced = token.spaced || spaced_;
      spaced_ = false;
      tokens_.push_back(std::move(token));
    }
    spaced_ = true;
  }

  void text_argument(const std::string& command) {
    const std::string content = braced_argument();
    const std::string words = normalised_words(content);
    const bool all_letters = std::all_of(content.begin(), content.end(), is_letter);
    // After a number or in a quotient of units, even a single letter: \mathrm{m}.
    const bool may_be_unit =
        (after_number() || after_power() || after_unit()) && command != "mathbf" && peek() != '_';
    const std::size_t begin = std::min(content.find_first_not_of(" ~"), content.size());
    const std::string unit = content.substr(begin, content.find_last_not_of(" ~") + 1 - begin);
    if (may_be_unit && measure_of(unit)) return add(TokenKind::words, unit);
    if (content.empty() || words.empty()) {
      if (content.find(',') != std::string::npos) add(TokenKind::sign, ",");
      spaced_ = true;
    } else if (all_letters && content.size() == 1) {
      add(TokenKind::letter, content);
    } else if (all_letters &&
               (is_function(canonical_command(content)) || content == "and" || content == "or")) {
      add(TokenKind::command, std::string(canonical_command(content)));
    } else if (words == "mod") {
      add(TokenKind::command, words);
    } else if (std::any_of(content.begin(), content.end(), [](char c) {
                 return is_digit(c) || c == '\\' || c == '$' || c == '(';
               })) {
      append(content);
    } else {
      text_words(content);
    }
  }

  /// "apples and" is words and a separator.
  void text_words(std::string_view content) {
    std::string piece;
    const auto flush = [&] {
      const std::string words = normalised_words(piece);
      if (!words.empty()) add(TokenKind::words, words);
      piece.clear();
    };
    std::size_t at = 0;
    while (at < content.size()) {
      const std::size_t begin = at;
      while (at < content.size() && is_space(content[at])) ++at;
      const std::size_t word = at;
      while (at < content.size() && !is_space(content[at]) && content[at] != ',') ++at;
      const std::string_view name = content.substr(word, at - word);
      if (name == "and" || name == "or") {
        flush();
        add(TokenKind::command, std::string(name));
      } else {
        piece += content.substr(begin, at - begin);
      }
      if (at < content.size() && content[at] == ',') {
        flush();
        add(TokenKind::sign, ",");
        ++at;
      }
    }
    flush();
    spaced_ = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_;
  bool comma_groups_ = false;
  bool spaced_ = false;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  const std::string plain = without_unicode_signs(text);
  std::vector<Token> tokens = Tokenizer(plain, 0).run();
  tokens.push_back({TokenKind::end, ""});
  return tokens;
}

}  // namespace r1::grading
