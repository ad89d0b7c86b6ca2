// Sorting numbers, digit by digit.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

struct Level {
  std::size_t count;
  int highest;
};
constexpr std::array<Level, kHardest> kLevels = {{{4, 99}, {6, 99}, {8, 999}, {12, 999}}};

/// Groups by a digit, in order; a group of more than one by the next digit. What is alone has its
/// place. Only the first groups are copied out of the question, with its indices.
std::string split(const std::vector<int>& numbers, int unit, bool indexed, bool ascending,
                  std::vector<int>& sorted) {
  const std::string name = unit == 100 ? "hundreds" : unit == 10 ? "tens" : "ones";
  std::string chain;
  for (int step = 0; step < 10; ++step) {
    const int digit = ascending ? step : 9 - step;
    std::vector<int> group;
    std::vector<std::string> found;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] / unit % 10 != digit) continue;
      group.push_back(numbers[i]);
      found.push_back((indexed ? std::to_string(i + 1) + ": " : "") + std::to_string(numbers[i]));
    }
    if (group.empty()) continue;
    chain += name + " " + std::to_string(digit) + ": " + listed(found);
    if (group.size() > 1) {
      chain += ".\n" + split(group, unit / 10, false, ascending, sorted);
      continue;
    }
    sorted.push_back(group[0]);
    chain += ", place " + std::to_string(sorted.size()) + ".\n";
  }
  return chain;
}

std::string solve(const std::vector<int>& numbers, int highest, bool ascending,
                  std::vector<int>& sorted) {
  const int unit = highest > 99 ? 100 : 10;
  std::string chain = std::string("I number them and split by the ") +
                      (unit == 100 ? "hundreds" : "tens") + ", then groups by the next digit.\n";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    chain += (i > 0 ? ", " : "") + std::to_string(i + 1) + ": " + std::to_string(numbers[i]);
  }
  chain += "\n" + split(numbers, unit, true, ascending, sorted);
  return chain + "By places: " + listed(sorted) + ". These are " + std::to_string(sorted.size()) +
         " numbers, as many as were given.";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const bool ascending = random.below(3) > 0;
  std::vector<int> numbers;
  while (numbers.size() < level.count) {
    // Some lie close together, so that the first digit isn't enough.
    const bool close = !numbers.empty() && random.below(4) == 0;
    const int low = close ? numbers.back() / 10 * 10 : 1;
    const int number = between(random, std::max(low, 1), close ? low + 9 : level.highest);
    if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) {
      numbers.push_back(number);
    }
  }
  shuffle(random, numbers);
  std::vector<int> sorted;
  Instance instance;
  instance.chain = solve(numbers, level.highest, ascending, sorted);
  instance.answer = listed(sorted);
  if (ascending) {
    instance.question = phrase(
        random,
        {"Sort these numbers from smallest to largest: {0}.", "Put {0} in ascending order.",
         "Arrange the numbers {0} in increasing order.", "Write {0} in order, the smallest first."},
        {listed(numbers)});
  } else {
    instance.question = phrase(
        random,
        {"Sort these numbers from largest to smallest: {0}.", "Put {0} in descending order.",
         "Arrange the numbers {0} in decreasing order.", "Write {0} in order, the largest first."},
        {listed(numbers)});
  }
  instance.follow_up =
      phrase(random, {"And {0}?", "What about {0}?", "Now {0}.", "Do the same with {0}."},
             {listed(numbers)});
  instance.unsaid = ascending ? "ascending" : "descending";
  std::sort(numbers.begin(), numbers.end());
  instance.content = (ascending ? "up " : "down ") + listed(numbers, " ");
  return instance;
}

bool accepts(const std::string& answer, std::string_view response) {
  const auto right = integers_of(answer), given = integers_of(final_answer(response));
  return right && given && *right == *given;
}

}  // namespace

Task sorting() {
  Task task;
  task.name = "sorting";
  task.about = "8 numbers up to 999 in ascending or descending order";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
