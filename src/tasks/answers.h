// How tasks read the final answer of a response: as one value, numbers in order, words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::tasks {

/// Whether the response's final answer has the value of `answer`, in any form: the one grader.
bool same_value(const std::string& answer, std::string_view response);

/// The final answer as plain text: without tags, box, text commands, dollars and a full stop at its
/// end; white space is single spaces. Empty where there is none.
std::string final_answer(std::string_view response);
/// The same in lower case.
std::string final_words(std::string_view response);

/// The words and numbers of a text; everything else only separates. "(3, 14 and x)" is 3 14 and x.
std::vector<std::string> words_of(std::string_view text);
/// The integers of a text that holds nothing else but commas, "and", brackets and the words of
/// `allowed`; nothing for other texts and for numbers of more than nine digits.
std::optional<std::vector<int>> integers_of(std::string_view text,
                                            const std::vector<std::string>& allowed = {});

}  // namespace r1::tasks
