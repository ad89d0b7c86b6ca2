#include "formats/split_patterns.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace r1 {
namespace {

using unicode::Character;
using unicode::Scanner;
constexpr int letter = unicode::letter, number = unicode::number, mark = unicode::mark,
              punctuation = unicode::punctuation_mark, symbol = unicode::symbol,
              space = unicode::space;

// A matcher returns the end of the match that begins at `begin`, or `begin` if none does.

/// End of the run of characters that satisfy `belongs`, at most `limit` of them.
template <typename Predicate>
std::size_t run(const Scanner& text, std::size_t begin, const Predicate& belongs,
                std::size_t limit = static_cast<std::size_t>(-1)) {
  std::size_t end = begin;
  for (std::size_t count = 0; count < limit; ++count) {
    const Character c = text.at(end);
    if (c.length == 0 || !belongs(c)) break;
    end += c.length;
  }
  return end;
}
std::size_t run_of(const Scanner& text, std::size_t begin, int classes) {
  return run(text, begin, [=](Character c) { return c.is(classes); });
}
std::size_t run_of_none(const Scanner& text, std::size_t begin, int classes) {
  return run(text, begin, [=](Character c) { return !c.is(classes); });
}
std::size_t run_of_line_breaks(const Scanner& text, std::size_t begin) {
  return run(text, begin, [](Character c) { return c.is_line_break(); });
}

/// \s+(?!\S)|\s+ and, if `breaks_first`, \s*[\r\n]+ before it.
std::size_t white_space(const Scanner& text, std::size_t begin, bool breaks_first) {
  std::size_t end = begin, last = begin, after_break = begin;
  for (Character c = text.at(end); c.is(space); c = text.at(end)) {
    last = end;
    end += c.length;
    if (breaks_first && c.is_line_break()) after_break = end;
  }
  if (after_break > begin) return after_break;
  return end == text.size() || last == begin ? end : last;
}

/// 's|'t|'re|'ve|'m|'ll|'d, with (?i:...) if `any_case`.
std::size_t contraction(const Scanner& text, std::size_t begin, bool any_case) {
  if (text.at(begin).code != '\'') return begin;
  const auto folded = [&](Character c) -> char32_t {
    if (!any_case) return c.code;
    if (c.code == 0x17F) return 's';  // the long s, whose other case is S
    return c.code >= 'A' && c.code <= 'Z' ? c.code + ('a' - 'A') : c.code;
  };
  const Character first = text.at(begin + 1);
  const char32_t a = folded(first);
  const std::size_t after_first = begin + 1 + first.length;
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return after_first;
  const Character second = text.at(after_first);
  const char32_t b = folded(second);
  const bool found = ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l');
  return found ? after_first + second.length : begin;
}

constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::size_t match_gpt2_words(const Scanner& text, std::size_t begin) {
  const std::size_t after_contraction = contraction(text, begin, false);
  if (after_contraction > begin) return after_contraction;
  const std::size_t start = text.at(begin).code == ' ' ? begin + 1 : begin;
  const Character c = text.at(start);
  if (c.is(letter)) return run_of(text, start, letter);
  if (c.is(number)) return run_of(text, start, number);
  if (c.length > 0 && !c.is(space)) return run_of_none(text, start, space | letter | number);
  return white_space(text, begin, false);
}

constexpr std::string_view llama3_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

template <std::size_t digits_a_number>
std::size_t match_llama3_words(const Scanner& text, std::size_t begin) {
  const std::size_t after_contraction = contraction(text, begin, true);
  if (after_contraction > begin) return after_contraction;
  const Character first = text.at(begin);
  if (first.is(letter)) return run_of(text, begin, letter);
  if (first.is(number)) {
    return run(
        text, begin, [](Character c) { return c.is(number); }, digits_a_number);
  }
  const std::size_t second = begin + first.length;
  if (!first.is_line_break() && text.at(second).is(letter)) return run_of(text, second, letter);
  const std::size_t start = first.code == ' ' ? second : begin;
  const Character c = text.at(start);
  if (c.length > 0 && !c.is(space | letter | number)) {
    return run_of_line_breaks(text, run_of_none(text, start, space | letter | number));
  }
  return white_space(text, begin, true);
}

constexpr std::string_view deepseek_v3_pattern =
    "[!\"#$%&'()*+,\\-./"
    ":;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
    " ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

std::size_t match_deepseek_v3_words(const Scanner& text, std::size_t begin) {
  const auto is_ascii_letter = [](Character c) {
    return (c.code >= 'A' && c.code <= 'Z') || (c.code >= 'a' && c.code <= 'z');
  };
  const Character first = text.at(begin);
  const std::size_t second = begin + first.length;
  const Character next = text.at(second);
  if (first.code < 0x80 && first.is(punctuation | symbol) && is_ascii_letter(next)) {
    return run(text, second, is_ascii_letter);
  }
  if (first.is(letter | mark)) return run_of(text, begin, letter | mark);
  if (!first.is_line_break() && !first.is(punctuation | symbol) && next.is(letter | mark)) {
    return run_of(text, second, letter | mark);
  }
  const std::size_t start = first.code == ' ' ? second : begin;
  if (text.at(start).is(punctuation | symbol)) {
    return run_of_line_breaks(text, run_of(text, start, punctuation | symbol));
  }
  return white_space(text, begin, true);
}

/// \p{N}{1,3}
std::size_t match_numbers_of_three(const Scanner& text, std::size_t begin) {
  return run(
      text, begin, [](Character c) { return c.is(number); }, 3);
}

/// The Digits step of a tokenizer.json with individual_digits; a GGUF file has no pattern for it.
std::size_t match_digit(const Scanner& text, std::size_t begin) {
  return run(
      text, begin, [](Character c) { return c.is(unicode::digit_to_split); }, 1);
}

/// [\r\n]
std::size_t match_line_break(const Scanner& text, std::size_t begin) {
  return text.at(begin).is_line_break() ? begin + 1 : begin;
}

/// \s? and a run of characters that belong.
template <typename Predicate>
std::size_t spaced_run(const Scanner& text, std::size_t begin, const Predicate& belongs) {
  const Character first = text.at(begin);
  const std::size_t start = first.is(space) ? begin + first.length : begin;
  const std::size_t end = run(text, start, belongs);
  if (end > start) return end;
  return run(text, begin, belongs);  // a white space may belong to the run itself
}
/// \s?\p{L}+ or \s?\p{P}+
template <int classes>
std::size_t match_spaced(const Scanner& text, std::size_t begin) {
  return spaced_run(text, begin, [](Character c) { return c.is(classes); });
}

/// The characters that the first [...] of a pattern lists (single ones and ranges, no escapes).
class CharacterSet {
 public:
  explicit CharacterSet(std::string_view pattern) {
    const std::size_t open = pattern.find('[') + 1;
    const Scanner list(pattern.substr(open, pattern.find(']') - open));
    for (std::size_t at = 0; at < list.size();) {
      const Character first = list.at(at);
      at += first.length;
      Character last = first;
      if (list.at(at).code == '-') {
        last = list.at(at + 1);
        at += 1 + last.length;
      }
      ranges_.push_back({first.code, last.code});
    }
    std::sort(ranges_.begin(), ranges_.end());
  }
  bool contains(char32_t code) const {
    // The range after the last that begins at or before `code`. Ranges may touch, not nest.
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), code,
                         [](char32_t wanted, const auto& range) { return wanted < range.first; });
    return after != ranges_.begin() && code <= std::prev(after)->second;
  }

 private:
  std::vector<std::pair<char32_t, char32_t>> ranges_;
};

constexpr std::string_view cased_letters_pattern =
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-"
    "\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1"
    "\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd"
    "\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d"
    "\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-"
    "\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4"
    "\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d"
    "\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4"
    "\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e"
    "\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f"
    "\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2"
    "\U000118a0-\U000118df\U0001e900-\U0001e943]+";
constexpr std::string_view wide_punctuation_pattern =
    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+";
constexpr std::string_view east_asian_pattern = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
constexpr std::string_view han_and_kana_pattern = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";

/// [...]+, or \s?[...]+ if the pattern begins so.
template <const std::string_view& pattern>
std::size_t match_listed(const Scanner& text, std::size_t begin) {
  static const CharacterSet set(pattern);
  const auto belongs = [](Character c) { return set.contains(c.code); };
  if constexpr (pattern.starts_with("\\s?")) return spaced_run(text, begin, belongs);
  return run(text, begin, belongs);
}

/// Searches by trying each position.
template <std::size_t (*matcher)(const Scanner&, std::size_t)>
SplitMatch first_match(const Scanner& text, std::size_t from) {
  while (from < text.size()) {
    const std::size_t end = matcher(text, from);
    if (end > from) return {from, end};
    from += text.at(from).length;
  }
  return {from, from};
}

/// \s+$, where a piece holds no line break beside other characters. Searched from the end: trying
/// each position would take quadratic time in a long run of spaces before another character.
SplitMatch find_trailing_spaces(const Scanner& text, std::size_t from) {
  std::size_t begin = text.size();
  while (begin > from) {
    std::size_t before = begin - 1;
    while (before > from && (static_cast<unsigned char>(text.text()[before]) & 0xC0u) == 0x80u) {
      --before;
    }
    if (!text.at(before).is(space)) break;
    begin = before;
  }
  return {begin, text.size()};
}

}  // namespace

namespace split_patterns {
const SplitPattern gpt2_words{gpt2_pattern, first_match<match_gpt2_words>};
const SplitPattern llama3_words{llama3_pattern, first_match<match_llama3_words<3>>};
const SplitPattern qwen2_words{qwen2_pattern, first_match<match_llama3_words<1>>};
const SplitPattern deepseek_v3_words{deepseek_v3_pattern, first_match<match_deepseek_v3_words>};
const SplitPattern numbers_of_three{R"(\p{N}{1,3})", first_match<match_numbers_of_three>};
const SplitPattern han_and_kana{han_and_kana_pattern,
                                first_match<match_listed<han_and_kana_pattern>>};
const SplitPattern line_breaks{"[\r\n]", first_match<match_line_break>};
const SplitPattern spaced_letters{R"(\s?\p{L}+)", first_match<match_spaced<letter>>};
const SplitPattern spaced_punctuation{R"(\s?\p{P}+)", first_match<match_spaced<punctuation>>};
const SplitPattern spaced_cased_letters{cased_letters_pattern,
                                        first_match<match_listed<cased_letters_pattern>>};
const SplitPattern spaced_wide_punctuation{wide_punctuation_pattern,
                                           first_match<match_listed<wide_punctuation_pattern>>};
const SplitPattern trailing_spaces{R"(\s+$)", find_trailing_spaces};
const SplitPattern east_asian{east_asian_pattern, first_match<match_listed<east_asian_pattern>>};
const SplitPattern digits{{}, first_match<match_digit>};
}  // namespace split_patterns

const SplitPattern* find_split_pattern(std::string_view regex) {
  using namespace split_patterns;
  for (const SplitPattern* pattern :
       {&gpt2_words, &llama3_words, &qwen2_words, &deepseek_v3_words, &numbers_of_three,
        &han_and_kana, &line_breaks, &spaced_letters, &spaced_punctuation, &spaced_cased_letters,
        &spaced_wide_punctuation, &trailing_spaces, &east_asian}) {
    if (pattern->regex == regex) return pattern;
  }
  return nullptr;
}

}  // namespace r1
