// Words spelled from their last letter to their first.
#include <algorithm>
#include <array>
#include <cctype>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/words.h"

namespace r1::tasks {
namespace {

struct Level {
  int shortest, longest;
};
constexpr std::array<Level, kHardest> kLevels = {{{3, 5}, {4, 8}, {4, 14}, {10, 20}}};

std::string spelled(std::string_view letters) {
  std::string text;
  for (const char letter : letters) {
    if (!text.empty()) text += '-';
    text += letter;
  }
  return text;
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  std::string word;
  if (random.below(40) == 0) {
    do {
      word = one_of(random, english_words());
    } while (static_cast<int>(word.size()) > level.longest);
  } else {
    word = made_up_word(random, between(random, level.shortest, level.longest));
  }
  const std::string backwards(word.rbegin(), word.rend());
  Instance instance;
  instance.answer = spelled(backwards);
  instance.chain = "I number the letters and read them from the last.\n";
  for (std::size_t i = 0; i < word.size(); ++i) {
    instance.chain += (i > 0 ? " " : "") + std::to_string(i + 1) + ":" + word[i];
  }
  instance.chain += "\nBackwards:";
  for (std::size_t i = word.size(); i > 0; --i) {
    instance.chain += " " + std::to_string(i) + ":" + word[i - 1];
  }
  instance.chain += "\nCheck: " + std::to_string(word.size()) + " letters, the first is " +
                    backwards.front() + " and the last is " + backwards.back() + ".";
  instance.content = word;
  instance.question =
      phrase(random,
             {"Spell the word \"{0}\" backwards, letter by letter.",
              "Write the letters of \"{0}\" in reverse order.", "How is \"{0}\" spelled backwards?",
              "Reverse the word \"{0}\" letter by letter.", "Spell the word \"{0}\" backwards.",
              "Spell \"{0}\" backwards.", "Reverse the word \"{0}\".", "What is \"{0}\" backwards?",
              "Write \"{0}\" backwards."},
             {word});
  instance.follow_up = phrase(
      random,
      {"And \"{0}\"?", "What about \"{0}\"?", "Now \"{0}\".", "The same with the word \"{0}\"."},
      {word});
  return instance;
}

/// "a-b-c", "abc", "a b c", "A, B, C".
bool accepts(const std::string& answer, std::string_view response) {
  const auto letters_of = [](const std::string& text, std::string& letters) {
    for (const char c : text) {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
        letters += c;
      } else if (std::string_view("- ,\"'*").find(c) == std::string_view::npos) {
        return false;
      }
    }
    return true;
  };
  std::string right, given;
  return letters_of(answer, right) && letters_of(final_words(response), given) && right == given;
}

}  // namespace

Task spelling_backwards() {
  Task task;
  task.name = "spelling-backwards";
  task.about = "a word of 4 to 14 letters from its last letter to its first";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
