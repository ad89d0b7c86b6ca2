// The regular expressions by which released tokenizers cut a text, each as a matcher written by
// hand.
#pragma once

#include <cstddef>
#include <string_view>

#include "formats/unicode.h"

namespace r1 {

/// Bytes begin to end of a text.
struct SplitMatch {
  std::size_t begin, end;
};

/// A pattern and its matcher; compared by address, as each exists once.
struct SplitPattern {
  /// As it stands in a tokenizer.json; empty if it is no regular expression there.
  std::string_view regex;
  /// The first match at or after `from`; an empty one at the text's end if there is none.
  SplitMatch (*first_match)(const unicode::Scanner& text, std::size_t from);
};

namespace split_patterns {
extern const SplitPattern gpt2_words, llama3_words, qwen2_words, deepseek_v3_words;
extern const SplitPattern numbers_of_three, han_and_kana;                   // DeepSeek-V3 and R1
extern const SplitPattern line_breaks, spaced_letters, spaced_punctuation;  // DeepSeek-Coder
extern const SplitPattern spaced_cased_letters, spaced_wide_punctuation,
    trailing_spaces;                           // DeepSeek-LLM and V2
extern const SplitPattern east_asian, digits;  // DeepSeek-Coder, LLM and V2
}  // namespace split_patterns

/// The pattern of that regular expression, or nullptr if none is known.
const SplitPattern* find_split_pattern(std::string_view regex);

}  // namespace r1
