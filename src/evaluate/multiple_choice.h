// Suites whose answers are one of several choices.
#pragma once

#include <string>
#include <vector>

#include "evaluate/suite.h"

namespace r1::evaluate {

/// "Question, A. ..., B. ..." with the instruction to end in the letter of the right choice.
/// right: its index. Throws Error, naming `id`, unless there are 2 to 26 choices and it is one.
Question multiple_choice(const std::string& id, const std::string& question,
                         const std::vector<std::string>& choices, std::size_t right,
                         const std::string& subject);

/// The letter a response settles on: that of its box, of "the answer is (B)", of "Answer: B", or
/// the last one that stands alone; 0 if there is none. Thinking doesn't count.
char chosen_letter(std::string_view response, std::size_t choices);

/// 0 for "A"; a number that is no choice for what is no letter.
std::size_t letter_index(const std::string& letter);

}  // namespace r1::evaluate
