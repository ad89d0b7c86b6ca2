#include "tasks/tries.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/characters.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

constexpr int kLargest = 999;
constexpr int kFewest = 2, kMost = 16;
constexpr std::uint64_t kLeavesOut = 3;  // a try in so many stops before all numbers are used

struct Part {
  int value;
  std::string formula;
};

std::string in_brackets(const Part& part) {
  const bool number = part.formula.find_first_not_of("0123456789") == std::string::npos;
  return number ? part.formula : "(" + part.formula + ")";
}

std::optional<int> value_of(int a, char sign, int b) {
  if (sign == '/' && a % b != 0) return std::nullopt;
  const int value = sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
  if (value < 1 || value > kLargest) return std::nullopt;
  return value;
}

/// The numbers of "3 6 11 = 99" before the target.
std::vector<Part> numbers_of(const std::string& content) {
  std::vector<Part> parts;
  std::string digits;
  for (const char c : content.substr(0, content.find('='))) {
    if (is_digit(c)) {
      digits += c;
    } else if (!digits.empty()) {
      parts.push_back({std::stoi(digits), digits});
      digits.clear();
    }
  }
  return parts;
}

/// The steps of one try, and in `formula` what it makes; nothing if a step fails.
std::optional<std::string> random_try(Random& random, std::vector<Part> parts,
                                      std::string& formula) {
  std::string steps;
  while (parts.size() > 1) {
    if (!steps.empty() && random.below(kLeavesOut) == 0) break;
    shuffle(random, parts);
    const char sign = "+-*/"[random.below(4)];
    const auto value = value_of(parts[0].value, sign, parts[1].value);
    if (!value) return std::nullopt;
    steps += (steps.empty() ? "" : ", ") + std::to_string(parts[0].value) + sign +
             std::to_string(parts[1].value) + "=" + std::to_string(*value);
    parts[0] = {*value, in_brackets(parts[0]) + sign + in_brackets(parts[1])};
    parts.erase(parts.begin() + 1);
  }
  formula = parts[0].formula;
  return steps;
}

}  // namespace

bool has_tries(const Task& task) {
  return task.name == "countdown";
}

Tries random_tries(Random& random, const Instance& countdown) {
  const std::vector<Part> numbers = numbers_of(countdown.content);
  const auto count = static_cast<std::size_t>(between(random, kFewest, kMost));
  std::vector<std::string> lines, formulas;
  while (lines.size() < count) {
    std::string formula;
    auto steps = random_try(random, numbers, formula);
    if (!steps) continue;
    lines.push_back(*std::move(steps));
    formulas.push_back(std::move(formula));
  }
  return {listed(lines, "\n"), one_of(random, formulas)};
}

}  // namespace r1::tasks
