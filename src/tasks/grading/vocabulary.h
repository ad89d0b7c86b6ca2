// The words that stand for something in answers: signs, functions, units.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace r1::grading {

/// The text with signs beyond ASCII written in LaTeX or ASCII ("≤" as "\le ", "²" as "^{2}");
/// other characters stay.
std::string without_unicode_signs(std::string_view text);

/// The one name for a LaTeX command with synonyms ("leqslant" and "leq" are "le", "dfrac" is
/// "frac"); the name itself where there is none.
std::string_view canonical_command(std::string_view name);
/// Commands that only lay out: "left", "displaystyle", "quad".
bool is_layout_command(std::string_view name);
/// Commands whose argument is text ("text", "mbox") or letters that are no product ("mathrm").
bool is_text_command(std::string_view name);
bool is_greek_letter(std::string_view name);
/// "sin", "sqrt", "log": what stands before its argument, in LaTeX and in plain text.
bool is_function(std::string_view name);

/// Whether a word is a unit of measure or a thing that is counted ("cm", "miles", "dollars").
bool is_unit(std::string_view word);
/// Units in one spelling: "centimeters" and "cms" as "cm", "square units" as nothing.
std::string canonical_unit(std::string_view words);
/// Of two canonical units of one kind, how large each is in the kind's first unit, as fractions'
/// texts ("1/100" and "1" for cm and m); nothing if they are of different kinds.
std::optional<std::pair<std::string, std::string>> unit_scales(std::string_view unit,
                                                               std::string_view other);

}  // namespace r1::grading
