// Union, intersection and differences of two sets of numbers.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

struct Level {
  Sizes size;  // of each of the two sets
  int highest;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{{2, 4}, 9}, {{2, 6}, 30}, {{6, 6}, 50}, {{9, 9}, 99}}};

enum class Operation : std::uint8_t { together, common, difference, either };

bool holds(const std::vector<int>& set, int number) {
  return std::find(set.begin(), set.end(), number) != set.end();
}

/// "1: 36, 2: 20": in which order one goes through.
std::string numbered(const std::vector<int>& set) {
  std::vector<std::string> parts;
  for (const int number : set) {
    parts.push_back(std::to_string(parts.size() + 1) + ": " + std::to_string(number));
  }
  return listed(parts);
}

/// Goes through the set in its order, compares each number with the other's until it is found, and
/// keeps what is there, or what isn't. All that is kept so far is written each time, with its
/// count, so that the last list is the answer.
std::string filter(const std::string& name, const std::vector<int>& set,
                   const std::string& other_name, const std::vector<int>& other, bool keep_common,
                   std::vector<int>& kept) {
  std::string chain = "I go through " + name + " and look for each number in " + other_name +
                      ".\n" + name + " is " + numbered(set) + ".\n" + other_name + " is " +
                      listed(other) + ".\n";
  for (std::size_t i = 0; i < set.size(); ++i) {
    chain += std::to_string(i + 1) + ": " + std::to_string(set[i]) + ": ";
    bool common = false;
    for (std::size_t k = 0; k < other.size() && !common; ++k) {
      common = other[k] == set[i];
      chain += (k > 0 ? ", " : "") + std::to_string(other[k]) + (common ? " yes" : " no");
    }
    chain += ".";
    if (common == keep_common) {
      kept.push_back(set[i]);
      chain += " I keep " + std::to_string(kept.size()) + ": " + listed(kept) + ".";
    }
    chain += "\n";
  }
  return chain;
}

std::string solve(Operation operation, const std::vector<int>& a, const std::vector<int>& b,
                  std::vector<int>& result) {
  std::string chain;
  switch (operation) {
    case Operation::common:
      chain = filter("A", a, "B", b, true, result);
      break;
    case Operation::difference:
      chain = filter("A", a, "B", b, false, result);
      break;
    case Operation::either:
      chain = filter("A", a, "B", b, false, result);
      chain += filter("B", b, "A", a, false, result);
      break;
    case Operation::together:
      result = a;
      chain = "All of A is in the union. I keep " + std::to_string(a.size()) + ": " + listed(a) +
              ".\n" + filter("B", b, "A", a, false, result);
      break;
  }
  return chain + "So the answer is " + listed(result) + ".";
}

std::vector<int> random_set(Random& random, int size, int highest, const std::vector<int>& shared) {
  std::vector<int> set = shared;
  while (set.size() < static_cast<std::size_t>(size)) {
    const int number = between(random, 1, highest);
    if (!holds(set, number)) set.push_back(number);
  }
  shuffle(random, set);
  return set;
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const int size_a = size_of(random, level.size), size_b = size_of(random, level.size);
  const std::vector<int> a = random_set(random, size_a, level.highest, {});
  const int common = between(random, 1, std::min(size_a, size_b) - 1);
  const std::vector<int> b =
      random_set(random, size_b, level.highest, {a.begin(), a.begin() + common});
  const auto operation = static_cast<Operation>(random.below(4));
  std::vector<int> result;
  Instance instance;
  instance.chain = solve(operation, a, b, result);
  if (result.empty()) return generate(random, difficulty);
  instance.answer = listed(result);
  static const std::array<std::array<std::string, 2>, 4> kNames = {
      {{"the union of A and B", "the numbers that are in A or in B or in both"},
       {"the intersection of A and B", "the numbers that are in both A and B"},
       {"the difference A minus B", "the numbers that are in A but not in B"},
       {"the symmetric difference of A and B", "the numbers that are in exactly one of A and B"}}};
  const std::string& name = kNames[static_cast<std::size_t>(operation)][random.below(2)];
  instance.question = phrase(
      random,
      {"Let A = {{0}} and B = {{1}}. Give {2}.", "The sets are A = {{0}} and B = {{1}}. Find {2}.",
       "Given A = {{0}} and B = {{1}}, list {2}.", "What is {2} if A = {{0}} and B = {{1}}?",
       "A = {{0}}, B = {{1}}. What is {2}?"},
      {listed(a), listed(b), name});
  instance.follow_up = phrase(random,
                              {"And for A = {{0}} and B = {{1}}?", "Now A = {{0}} and B = {{1}}.",
                               "What if A = {{0}} and B = {{1}}?"},
                              {listed(a), listed(b)});
  instance.unsaid = kNames[static_cast<std::size_t>(operation)][0];
  std::vector<int> first = a, second = b;
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  if (operation != Operation::difference && second < first) std::swap(first, second);
  instance.content = std::to_string(static_cast<int>(operation)) + ": " + listed(first, " ") +
                     " / " + listed(second, " ");
  return instance;
}

bool accepts(const std::string& answer, std::string_view response) {
  std::string given = final_answer(response);
  const std::size_t sign = given.find('=');
  auto right = integers_of(answer),
       found = integers_of(sign == std::string::npos ? given : given.substr(sign + 1));
  if (!right || !found) return false;
  std::sort(right->begin(), right->end());
  std::sort(found->begin(), found->end());
  return *right == *found;
}

}  // namespace

Task set_operations() {
  Task task;
  task.name = "set-operations";
  task.about = "union, intersection or difference of two sets of 6 numbers";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
