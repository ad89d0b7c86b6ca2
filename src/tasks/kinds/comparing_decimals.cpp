// Which of several decimals is the largest or the smallest: 9.11 is less than 9.9.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

struct Level {
  Sizes count;
  int places, lowest_whole;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{{2, 4}, 2, 0}, {{2, 5}, 3, 0}, {{6, 6}, 3, 1}, {{8, 8}, 4, 1}}};

/// "9.1" as a number of thousandths, and as it is written.
struct Decimal {
  int scaled;
  std::string written, padded;
};

Decimal random_decimal(Random& random, int whole, const std::string& shared, int places) {
  std::string digits = shared;
  const int count = between(random, 1, places);
  digits.resize(
      static_cast<std::size_t>(std::min<int>(static_cast<int>(shared.size()), count - 1)));
  while (static_cast<int>(digits.size()) < count) {
    const bool last = static_cast<int>(digits.size()) + 1 == count;
    digits += static_cast<char>('0' + between(random, last ? 1 : 0, 9));
  }
  std::string padded = digits;
  padded.resize(static_cast<std::size_t>(places), '0');
  const std::string front = std::to_string(whole) + ".";
  return {std::stoi(std::to_string(whole) + padded), front + digits, front + padded};
}

/// Keeps the best so far and compares the next with it, at the first place where they differ.
std::string solve(const std::vector<Decimal>& decimals, bool largest, int places) {
  std::string chain = std::string("The ") + (largest ? "largest" : "smallest") +
                      " is the best. I write them with " + std::to_string(places) +
                      " places, so that they can be compared place by place.\n";
  const Decimal* best = &decimals[0];
  for (std::size_t i = 0; i < decimals.size(); ++i) {
    const Decimal& next = decimals[i];
    chain += std::to_string(i + 1) + ": " + next.written + " is " + next.padded + ". ";
    if (i == 0) {
      chain += "Best so far " + next.padded + ".\n";
      continue;
    }
    const auto [a, b] = std::mismatch(next.padded.begin(), next.padded.end(), best->padded.begin());
    const bool more = next.scaled > best->scaled;
    chain += "First difference: " + std::string(1, *a) +
             (more ? " is more than " : " is less than ") + std::string(1, *b) + ". ";
    if (more == largest) best = &next;
    chain += "Best so far " + best->padded + ".\n";
  }
  chain += "All " + std::to_string(decimals.size()) + " are compared. ";
  if (best->padded != best->written) chain += best->padded + " was written ";
  return chain + best->written + (best->padded == best->written ? " is the best." : ".");
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const auto count = static_cast<std::size_t>(size_of(random, level.count));
  const int whole = between(random, level.lowest_whole, 30);
  std::string shared;
  if (level.places > 2) shared = std::to_string(between(random, 0, 9));
  std::vector<Decimal> decimals;
  while (decimals.size() < count) {
    Decimal next = random_decimal(random, whole, random.below(3) > 0 ? shared : "", level.places);
    const bool known = std::any_of(decimals.begin(), decimals.end(), [&](const Decimal& other) {
      return other.scaled == next.scaled;
    });
    if (!known) decimals.push_back(std::move(next));
  }
  const bool largest = random.below(2) == 0;
  const auto by_size = [](const Decimal& a, const Decimal& b) { return a.scaled < b.scaled; };
  const auto best = largest ? std::max_element(decimals.begin(), decimals.end(), by_size)
                            : std::min_element(decimals.begin(), decimals.end(), by_size);
  std::vector<std::string> written;
  for (const Decimal& decimal : decimals) written.push_back(decimal.written);
  Instance instance;
  instance.answer = best->written;
  instance.chain = solve(decimals, largest, level.places);
  const std::string list = listed(written);
  instance.question =
      phrase(random,
             {"Which of these numbers is the {0}: {1}?", "Find the {0} of the decimals {1}.",
              "What is the {0} number among {1}?", "Pick the {0} of {1}.",
              "{1}: which one is the {0}?", "Which is the {0}, {1}?"},
             {largest ? "largest" : "smallest", list});
  instance.follow_up =
      phrase(random, {"And of {0}?", "And among {0}?", "What about {0}?", "Now of {0}."}, {list});
  instance.unsaid = largest ? "largest" : "smallest";
  std::sort(written.begin(), written.end());
  instance.content = (largest ? "max " : "min ") + listed(written, " ");
  return instance;
}

}  // namespace

Task comparing_decimals() {
  Task task;
  task.name = "comparing-decimals";
  task.about = "the largest or smallest of 6 decimals of up to 3 places";
  task.generate = generate;
  task.accepts = same_value;
  return task;
}

}  // namespace r1::tasks
