// How questions are worded: one of several sentences with gaps, and lists in words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace r1::tasks {

/// One of the sentences, each equally likely, with "{0}", "{1}" ... replaced by the parts.
std::string phrase(Random& random, std::initializer_list<std::string_view> sentences,
                   const std::vector<std::string>& parts);

/// "3, 7, 25".
std::string listed(const std::vector<int>& numbers, std::string_view separator = ", ");
std::string listed(const std::vector<std::string>& words, std::string_view separator = ", ");

/// A number of [low, high], each equally likely.
int between(Random& random, int low, int high);
/// How many of something a question has.
struct Sizes {
  int fewest, most;
};
/// One of the sizes, each equally likely; where there is only one, nothing is taken from `random`.
int size_of(Random& random, const Sizes& sizes);
/// One of the items.
template <typename Items>
const auto& one_of(Random& random, const Items& items) {
  return items[static_cast<std::size_t>(random.below(items.size()))];
}
/// Any order is equally likely.
template <typename Items>
void shuffle(Random& random, Items& items) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[static_cast<std::size_t>(random.below(i))]);
  }
}

}  // namespace r1::tasks
