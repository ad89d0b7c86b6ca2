#include "evaluate/multiple_choice.h"

#include <array>
#include <cctype>

#include "base/characters.h"
#include "base/error.h"
#include "evaluate/final_answer.h"

namespace r1::evaluate {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_choice(char c, std::size_t choices) {
  return c >= 'A' && c < 'A' + static_cast<int>(choices);
}

/// A capital that stands alone, at `at`: not part of a word, nor the article of "A dog".
bool stands_alone(std::string_view text, std::size_t at) {
  const bool begins = at == 0 || !is_word(text[at - 1]);
  const bool ends = at + 1 >= text.size() || (!is_word(text[at + 1]) && text[at + 1] != '\'');
  const bool article = text[at] == 'A' && at + 2 < text.size() && text[at + 1] == ' ' &&
                       std::islower(static_cast<unsigned char>(text[at + 2])) != 0;
  return begins && ends && !article;
}

char first_alone(std::string_view text, std::size_t choices) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_choice(text[i], choices) && stands_alone(text, i)) return text[i];
  }
  return 0;
}

char last_alone(std::string_view text, std::size_t choices) {
  for (std::size_t i = text.size(); i > 0; --i) {
    if (is_choice(text[i - 1], choices) && stands_alone(text, i - 1)) return text[i - 1];
  }
  return 0;
}

}  // namespace

char chosen_letter(std::string_view response, std::size_t choices) {
  const std::string_view said = after_thinking(response);
  if (const auto box = last_box(said)) return first_alone(*box, choices);
  const std::string lower = lower_case(said);
  constexpr std::array<std::string_view, 4> kPhrases = {"answer is",
                                                        "answer:", "answer**:", "choice is"};
  std::size_t after = std::string::npos;
  for (const std::string_view phrase : kPhrases) {
    const std::size_t at = lower.rfind(phrase);
    if (at != std::string::npos && (after == std::string::npos || at + phrase.size() > after)) {
      after = at + phrase.size();
    }
  }
  if (after != std::string::npos) {
    const std::string_view rest = said.substr(after);
    if (const char letter = first_alone(rest.substr(0, rest.find('\n')), choices)) return letter;
  }
  return last_alone(said, choices);
}

Question multiple_choice(const std::string& id, const std::string& question,
                         const std::vector<std::string>& choices, std::size_t right,
                         const std::string& subject) {
  if (choices.size() < 2 || choices.size() > 26 || right >= choices.size()) {
    throw Error(id, "the right answer is none of its choices");
  }
  std::string text =
      "Answer the following multiple choice question. Think step by step, and put "
      "the letter of the right choice within \\boxed{}.\n\n" +
      question + "\n";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    text += "\n" + std::string(1, static_cast<char>('A' + i)) + ") " + choices[i];
  }
  const std::string gold(1, static_cast<char>('A' + right));
  const std::size_t count = choices.size();
  return {id, text, gold, subject, [gold, count](std::string_view response) {
            const char letter = chosen_letter(response, count);
            if (letter == 0) return Judged{0, "", "no choice named"};
            const std::string answer(1, letter);
            return Judged{answer == gold ? 1.0 : 0.0, answer,
                          answer == gold ? "same choice" : "other choice"};
          }};
}

std::size_t letter_index(const std::string& letter) {
  return letter.size() == 1 ? static_cast<std::size_t>(static_cast<unsigned char>(letter[0])) - 'A'
                            : std::string::npos;
}

}  // namespace r1::evaluate
