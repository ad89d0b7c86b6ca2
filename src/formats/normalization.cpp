#include "formats/normalization.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "formats/unicode.h"
#include "formats/unicode_tables.h"

namespace r1::unicode {
namespace {

// Hangul syllables: the Unicode Standard, section 3.12.
constexpr char32_t syllable_base = 0xAC00, leading_base = 0x1100, vowel_base = 0x1161,
                   trailing_base = 0x11A7;
constexpr char32_t leading_count = 19, vowel_count = 21, trailing_count = 28;
constexpr char32_t syllable_count = leading_count * vowel_count * trailing_count;

struct Composition {
  char32_t first, second, composed;
};
bool operator<(const Composition& a, const Composition& b) {
  return a.first != b.first ? a.first < b.first : a.second < b.second;
}

struct Tables {
  std::vector<std::uint8_t> combining_class;  // indexed by code point; beyond the end it is 0
  std::vector<bool> may_change;           // composing may alter this character or the one before
  std::vector<Composition> compositions;  // sorted by first, second
};

Tables make_tables() {
  Tables tables;
  const char32_t end = std::max(combining_classes.back().last, decompositions.back().character) + 1;
  tables.combining_class.assign(end, 0);
  tables.may_change.assign(end, false);
  for (const CombiningRange& range : combining_classes) {
    for (char32_t code = range.first; code <= range.last; ++code) {
      tables.combining_class[code] = range.combining_class;
      tables.may_change[code] = true;
    }
  }
  for (const Decomposition& entry : decompositions) {
    const bool composes =
        entry.second != 0 && !std::binary_search(composition_exclusions.begin(),
                                                 composition_exclusions.end(), entry.character);
    if (composes) {
      tables.compositions.push_back({entry.first, entry.second, entry.character});
      tables.may_change[entry.second] = true;
    } else {
      tables.may_change[entry.character] = true;
    }
  }
  for (char32_t i = 0; i < vowel_count; ++i) tables.may_change[vowel_base + i] = true;
  for (char32_t i = 1; i < trailing_count; ++i) tables.may_change[trailing_base + i] = true;
  std::sort(tables.compositions.begin(), tables.compositions.end());
  return tables;
}

const Tables& tables() {
  static const Tables made = make_tables();
  return made;
}

std::uint8_t combining_class(char32_t code) {
  const auto& classes = tables().combining_class;
  return code < classes.size() ? classes[code] : 0;
}

void decompose(char32_t code, std::vector<char32_t>& out) {
  if (code - syllable_base < syllable_count) {
    const char32_t index = code - syllable_base;
    out.push_back(leading_base + index / (vowel_count * trailing_count));
    out.push_back(vowel_base + index % (vowel_count * trailing_count) / trailing_count);
    if (index % trailing_count != 0) out.push_back(trailing_base + index % trailing_count);
    return;
  }
  const auto entry = std::lower_bound(
      decompositions.begin(), decompositions.end(), code,
      [](const Decomposition& a, char32_t character) { return a.character < character; });
  if (entry == decompositions.end() || entry->character != code) {
    out.push_back(code);
    return;
  }
  decompose(entry->first, out);
  if (entry->second != 0) decompose(entry->second, out);
}

/// The one character that the two compose to, or 0.
char32_t composed(char32_t first, char32_t second) {
  if (first - leading_base < leading_count && second - vowel_base < vowel_count) {
    return syllable_base +
           ((first - leading_base) * vowel_count + (second - vowel_base)) * trailing_count;
  }
  if (first - syllable_base < syllable_count && (first - syllable_base) % trailing_count == 0 &&
      second - (trailing_base + 1) < trailing_count - 1) {
    return first + (second - trailing_base);
  }
  const auto& all = tables().compositions;
  const Composition wanted{first, second, 0};
  const auto entry = std::lower_bound(all.begin(), all.end(), wanted);
  const bool found = entry != all.end() && entry->first == first && entry->second == second;
  return found ? entry->composed : 0;
}

/// Sorts each run of combining marks by their classes, keeping the order of equal ones.
void reorder(std::vector<char32_t>& codes) {
  const auto is_starter = [](char32_t code) { return combining_class(code) == 0; };
  for (auto begin = codes.begin(); begin != codes.end();) {
    begin = std::find_if_not(begin, codes.end(), is_starter);
    const auto end = std::find_if(begin, codes.end(), is_starter);
    std::stable_sort(
        begin, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    begin = end;
  }
}

/// Joins each character with the starter before it unless one between them blocks it (UAX #15).
void recompose(std::vector<char32_t>& codes) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t starter = none, kept = 0;
  int previous_class = 0;
  for (const char32_t code : codes) {
    const int its_class = combining_class(code);
    const bool adjacent = starter != none && starter + 1 == kept;
    if (starter != none && (adjacent || previous_class < its_class)) {
      if (const char32_t joined = composed(codes[starter], code)) {
        codes[starter] = joined;
        continue;
      }
    }
    if (its_class == 0) starter = kept;
    previous_class = its_class;
    codes[kept++] = code;
  }
  codes.resize(kept);
}

bool may_change(std::string_view text) {
  const auto& flags = tables().may_change;
  while (!text.empty()) {
    if (static_cast<unsigned char>(text[0]) < 0xCC) {  // below U+0300 nothing composes
      text.remove_prefix(static_cast<unsigned char>(text[0]) < 0x80 ? 1 : 2);
      continue;
    }
    const Decoded decoded = decode(text);
    if (decoded.character < flags.size() && flags[decoded.character]) return true;
    text.remove_prefix(decoded.length);
  }
  return false;
}

}  // namespace

std::string_view compose(std::string_view text, std::string& buffer) {
  if (!may_change(text)) return text;
  std::vector<char32_t> codes;
  codes.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const Decoded decoded = decode(rest);
    decompose(decoded.character, codes);
    rest.remove_prefix(decoded.length);
  }
  reorder(codes);
  recompose(codes);
  buffer.clear();
  for (const char32_t code : codes) append(buffer, code);
  return buffer;
}

}  // namespace r1::unicode
