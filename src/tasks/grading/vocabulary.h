// The words that stand for something in answers: signs, commands, functions.
#pragma once

#include <string>
#include <string_view>

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
/// A run of letters that is a product of variables and no word: short, or without vowels but a.
bool is_product_of_letters(std::string_view run);
/// Short words that stand before other words or a value and are no product of their letters.
bool is_short_word(std::string_view run);

}  // namespace r1::grading
