// The final answer in what a model wrote.
#pragma once

#include <string>
#include <string_view>

namespace r1::grading {

struct Extracted {
  std::string answer;    // empty if there is none
  std::string_view how;  // "answer tags", "box", "phrase", ...
  bool whole = false;    // the text itself, as nothing in it shows what its answer is
  bool denied = false;   // as words deny the value in it
};

/// Looks, after the last </think> where there is one, for <answer> tags, the last \boxed{}, "####",
/// "the answer is", and takes otherwise a text without prose whole, and of prose the last formula
/// or number.
Extracted extract_answer(std::string_view response);
/// Whether words that belong to no formula stand in the text, and it is no code.
bool has_prose(std::string_view text);
/// Of a text without box or tags: what follows "the answer is", else the last formula or number.
Extracted extract_from_prose(std::string_view text);

}  // namespace r1::grading
