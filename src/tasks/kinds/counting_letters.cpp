// How often a letter stands in a word.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/words.h"

namespace r1::tasks {
namespace {

struct Level {
  int shortest, longest;
};
constexpr std::array<Level, kHardest> kLevels = {{{3, 6}, {4, 9}, {4, 14}, {10, 20}}};

/// A made-up word in which the letter stands at `count` places.
std::string word_with(Random& random, char letter, int count, int length) {
  std::string word = made_up_word(random, length);
  for (char& c : word) {
    while (c == letter) c = "bdfglmnprstaeiou"[random.below(16)];
  }
  std::vector<std::size_t> places(word.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  shuffle(random, places);
  for (int i = 0; i < count; ++i) word[places[static_cast<std::size_t>(i)]] = letter;
  return word;
}

/// Compares letter by letter, each beside the one that is counted: of two in a row that are alike,
/// the second is easily passed over.
std::string solve(const std::string& word, char letter) {
  const std::string counted(1, letter);
  std::string chain = "I spell the word with numbers and count each " + counted + ".\n";
  std::vector<int> places;
  for (std::size_t i = 0; i < word.size(); ++i) {
    chain += std::to_string(i + 1) + ": " + word[i];
    if (word[i] == letter) {
      places.push_back(static_cast<int>(i + 1));
      chain += " is " + counted + ", count " + std::to_string(places.size()) + "\n";
    } else {
      chain += " not " + counted + "\n";
    }
  }
  if (places.empty()) return chain + "Check: none of the places has it. The count is 0.";
  return chain + "Check: it stands at " + listed(places) + ". The count is " +
         std::to_string(places.size()) + ".";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  std::string word;
  char letter = 'a';
  if (random.below(16) == 0) {
    do {
      word = one_of(random, english_words());
    } while (static_cast<int>(word.size()) > level.longest);
    letter = one_of(random, word);
    // Letters that come again are asked for more often.
    const char other = one_of(random, word);
    const auto times = [&](char c) { return std::count(word.begin(), word.end(), c); };
    if (times(other) > times(letter)) letter = other;
  } else {
    const int length = between(random, level.shortest, level.longest);
    letter = "abcdefghiklmnoprstuwy"[random.below(21)];
    word = word_with(random, letter, between(random, 0, std::min(length - 2, 8)), length);
  }
  Instance instance;
  instance.answer = std::to_string(std::count(word.begin(), word.end(), letter));
  instance.chain = solve(word, letter);
  instance.content = word + " " + letter;
  instance.question =
      phrase(random,
             {"How many times does the letter {0} occur in the word \"{1}\"?",
              "How often is the letter {0} in \"{1}\"?", "Count the letter {0} in \"{1}\".",
              "How many letters {0} are there in the word \"{1}\"?",
              "How many times is {0} in \"{1}\"?", "How many {0} are in the word \"{1}\"?"},
             {std::string(1, letter), word});
  if (random.below(2) == 0) {
    instance.follow_up =
        phrase(random, {"And in \"{0}\"?", "What about \"{0}\"?", "Now in \"{0}\"."}, {word});
    instance.unsaid = letter;
  } else {
    instance.follow_up = phrase(random,
                                {"And the letter {0} in \"{1}\"?", "Now the letter {0} in \"{1}\".",
                                 "What about {0} in \"{1}\"?"},
                                {std::string(1, letter), word});
  }
  return instance;
}

bool accepts(const std::string& answer, std::string_view response) {
  static const std::array<std::string, 11> kNumbers = {
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
  const std::string given = final_words(response);
  const auto named = std::find(kNumbers.begin(), kNumbers.end(), given);
  if (named != kNumbers.end()) return std::to_string(named - kNumbers.begin()) == answer;
  return same_value(answer, response);
}

}  // namespace

Task counting_letters() {
  Task task;
  task.name = "counting-letters";
  task.about = "how often a letter stands in a word of 4 to 14 letters";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
