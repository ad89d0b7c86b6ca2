// Sorting numbers, by putting in one after the other.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  Sizes count;
  int highest;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{{2, 5}, 99}, {{3, 7}, 999}, {{8, 8}, 999}, {{12, 12}, 999}}};

/// Puts the numbers in one after the other: each is compared with those that stand already, until
/// it has to come before one.
std::string solve(const std::vector<int>& numbers, bool ascending, std::vector<int>& sorted) {
  std::string chain = "I put them in one after the other, each before the first that is ";
  chain += ascending ? "larger.\nThey are " : "smaller.\nThey are ";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    chain += (i > 0 ? ", " : "") + std::to_string(i + 1) + ": " + std::to_string(numbers[i]);
  }
  chain += ".\n";
  for (const int number : numbers) {
    chain += std::to_string(sorted.size() + 1) + ": " + std::to_string(number) + ": ";
    std::size_t place = 0;
    for (bool before = false; place < sorted.size() && !before; place += before ? 0 : 1) {
      const int other = sorted[place];
      before = ascending ? other > number : other < number;
      chain += std::to_string(other) + ": " + compared_digits(number, other) + ", ";
    }
    if (place == sorted.size() && place > 0) chain += "last, ";
    sorted.insert(sorted.begin() + static_cast<std::ptrdiff_t>(place), number);
    chain += "so " + listed(sorted) + ".\n";
  }
  return chain + "These are " + std::to_string(sorted.size()) + " numbers, as many as were given.";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const auto count = static_cast<std::size_t>(size_of(random, level.count));
  const bool ascending = random.below(3) > 0;
  std::vector<int> numbers;
  while (numbers.size() < count) {
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
  instance.chain = solve(numbers, ascending, sorted);
  instance.answer = listed(sorted);
  if (ascending) {
    instance.question =
        phrase(random,
               {"Sort these numbers from smallest to largest: {0}.", "Put {0} in ascending order.",
                "Arrange the numbers {0} in increasing order.",
                "Write {0} in order, the smallest first.", "Sort {0} in ascending order.",
                "Order {0} from smallest to largest.", "Sort {0}.", "Sort the numbers {0}."},
               {listed(numbers)});
  } else {
    instance.question =
        phrase(random,
               {"Sort these numbers from largest to smallest: {0}.", "Put {0} in descending order.",
                "Arrange the numbers {0} in decreasing order.",
                "Write {0} in order, the largest first.", "Sort {0} in descending order.",
                "Order {0} from largest to smallest.", "Sort {0}, the largest first."},
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
