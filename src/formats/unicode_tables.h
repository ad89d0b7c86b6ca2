// Tables behind unicode.h and normalization.h; see the generated .cpp files for their source.
#pragma once

#include <cstdint>
#include <span>

namespace r1::unicode {

/// Code points first to last, both included.
struct Range {
  char32_t first, last;
};
/// Sorted by first, without overlap.
extern const std::span<const Range> letters, numbers, marks, punctuation, symbols, spaces,
    digits_to_split;

/// Code points first to last have this canonical combining class (never 0).
struct CombiningRange {
  char32_t first, last;
  std::uint8_t combining_class;
};
/// One step of canonical decomposition; `second` is 0 when there is only a first.
struct Decomposition {
  char32_t character, first, second;
};
extern const std::span<const CombiningRange> combining_classes;
extern const std::span<const Decomposition> decompositions;
extern const std::span<const char32_t> composition_exclusions;

}  // namespace r1::unicode
