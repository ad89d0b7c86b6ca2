#include "tasks/phrasing.h"

#include <cassert>

namespace r1::tasks {

std::string phrase(Random& random, std::initializer_list<std::string_view> sentences,
                   const std::vector<std::string>& parts) {
  const std::string_view sentence = sentences.begin()[random.below(sentences.size())];
  std::string text;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    if (sentence[i] == '{' && i + 2 < sentence.size() && sentence[i + 2] == '}') {
      const auto part = static_cast<std::size_t>(sentence[i + 1] - '0');
      assert(part < parts.size());
      text += parts[part];
      i += 2;
    } else {
      text += sentence[i];
    }
  }
  return text;
}

std::string listed(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string listed(const std::vector<int>& numbers, std::string_view separator) {
  std::vector<std::string> words;
  words.reserve(numbers.size());
  for (const int number : numbers) words.push_back(std::to_string(number));
  return listed(words, separator);
}

int between(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

int size_of(Random& random, const Sizes& sizes) {
  return sizes.fewest == sizes.most ? sizes.most : between(random, sizes.fewest, sizes.most);
}

}  // namespace r1::tasks
