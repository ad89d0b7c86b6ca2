// The sizes that questions come in: the usual difficulty has one, and the easier ones all below it,
// so that who learns from them has seen every size.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <string>

#include "base/characters.h"
#include "tasks/task.h"

namespace r1::tasks {
namespace {

using Measure = std::function<int(const Instance&)>;

std::set<int> sizes_of(const std::string& name, int difficulty, const Measure& size) {
  const Task task = find_task(name);
  std::set<int> sizes;
  for (std::uint64_t i = 0; i < 300; ++i) {
    sizes.insert(size(draw(task, Split::train, 21, i, difficulty)));
  }
  return sizes;
}

/// The usual difficulty has just the size `usual`, the two below it all of `smallest` to usual - 1.
void expect_sizes(const std::string& name, int smallest, int usual, const Measure& size) {
  SCOPED_TRACE(name);
  EXPECT_EQ(sizes_of(name, kDefaultDifficulty, size), std::set<int>{usual});
  std::set<int> easier = sizes_of(name, 1, size);
  easier.merge(sizes_of(name, 2, size));
  for (int wanted = smallest; wanted < usual; ++wanted)
    EXPECT_EQ(easier.count(wanted), 1u) << wanted;
}

int count_of(const std::string& text, char sign) {
  return static_cast<int>(std::count(text.begin(), text.end(), sign));
}

/// Of the longest number in a text.
int most_digits(const std::string& text) {
  int most = 0, digits = 0;
  for (const char c : text) {
    digits = is_digit(c) ? digits + 1 : 0;
    most = std::max(most, digits);
  }
  return most;
}

TEST(Sizes, of_easier_questions_are_all_below_the_usual_one) {
  expect_sizes("long-addition", 1, 6, [](const Instance& i) { return most_digits(i.content); });
  expect_sizes("long-multiplication", 2, 6, [](const Instance& i) {
    return static_cast<int>(i.content.size()) - 1;  // digits of both factors
  });
  expect_sizes("division", 1, 4,
               [](const Instance& i) { return static_cast<int>(i.content.find('/')); });
  expect_sizes("sorting", 2, 8, [](const Instance& i) { return count_of(i.content, ' '); });
  expect_sizes("comparing-decimals", 2, 6,
               [](const Instance& i) { return count_of(i.content, ' '); });
  expect_sizes("small-sudoku", 1, 8, [](const Instance& i) { return count_of(i.content, '_'); });
  expect_sizes("set-operations", 2, 6, [](const Instance& i) {
    const std::string first = i.content.substr(0, i.content.find(" /"));
    return count_of(first, ' ');
  });
}

}  // namespace
}  // namespace r1::tasks
