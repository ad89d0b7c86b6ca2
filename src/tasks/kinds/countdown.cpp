// Countdown: make a number of given ones with + - * /, each used exactly once. The form of
// TinyZero.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/error.h"
#include "tasks/formula.h"
#include "tasks/grading/extraction.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int numbers, highest, lowest_target, highest_target;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{3, 10, 5, 50}, {3, 15, 10, 70}, {3, 25, 10, 100}, {4, 25, 10, 100}}};

constexpr int kLargestMade = 125;  // what is above is seldom of use, and looked at last

/// A number and how it was made.
struct Made {
  int value;
  std::string formula;
  bool single = true;  // needs no brackets in a larger formula
};

Made plain(int number) {
  return {number, std::to_string(number)};
}

std::string operand(const Made& made) {
  return made.single ? made.formula : "(" + made.formula + ")";
}

/// a sign b if that is a positive integer.
std::optional<Made> combined(const Made& a, char sign, const Made& b) {
  int value = 0;
  if (sign == '+') value = a.value + b.value;
  if (sign == '-') value = a.value - b.value;
  if (sign == '*') value = a.value * b.value;
  if (sign == '/' && a.value % b.value == 0) value = a.value / b.value;
  if (value <= 0) return std::nullopt;
  return Made{value, operand(a) + sign + operand(b), false};
}

/// What two numbers make, the larger one first: sum, difference, product, quotient.
std::vector<Made> pair_values(const Made& a, const Made& b) {
  const Made &high = a.value >= b.value ? a : b, &low = a.value >= b.value ? b : a;
  std::vector<Made> values;
  for (const char sign : {'+', '-', '*', '/'}) {
    auto made = combined(high, sign, low);
    const bool repeated = sign == '/' && low.value == 1;
    if (made && !repeated) values.push_back(std::move(*made));
  }
  return values;
}

std::string equation(const Made& made) {
  return made.formula + "=" + std::to_string(made.value);
}

/// Whether two numbers look alike: as many digits, and one of them the same.
bool looks_like(int value, int target) {
  const std::string a = std::to_string(value), b = std::to_string(target);
  if (a.size() != b.size()) return false;
  return !std::equal(a.begin(), a.end(), b.begin(), std::not_equal_to<>());
}

/// What two of three numbers make, and what that makes with the third, each value written down to
/// be compared with the target: digit by digit where it looks like it, and only so found. Ends with
/// the solution and true once the target comes.
bool search(const std::vector<int>& numbers, int target, bool large, std::string& chain,
            std::string& solution) {
  for (std::size_t i = 0; i < 3; ++i) {
    const Made left = plain(numbers[i]);
    const int a = numbers[(i + 1) % 3], b = numbers[(i + 2) % 3];
    chain += "Leave " + left.formula + ", take " + comparison_steps(a, b) + ".\n";
    for (const Made& first : pair_values(plain(a), plain(b))) {
      if ((first.value > kLargestMade) != large) continue;
      chain += equation(first) + ": ";
      const std::vector<Made> results = pair_values(plain(first.value), left);
      std::string separator;
      for (std::size_t k = 0; k < results.size(); ++k) {
        if (results[k].value > kLargestMade && !large) continue;
        chain += separator + equation(results[k]);
        separator = ", ";
        if (!looks_like(results[k].value, target)) continue;
        chain += ": " + compared_digits(results[k].value, target);
        if (results[k].value != target) continue;
        solution = pair_values(first, left)[k].formula;
        chain += ", yes.\nSo " + solution + ". Check: " + equation(first) + ", " +
                 equation(results[k]) + ". Each number is used once.";
        return true;
      }
      chain += ".\n";
    }
  }
  return false;
}

std::string solve_three(const std::vector<int>& numbers, int target, std::string& solution) {
  std::string chain = "I leave one number, and take it to what the other two make until " +
                      std::to_string(target) + " comes.\n";
  if (search(numbers, target, false, chain, solution)) return chain;
  chain += "Now the large products.\n";
  return search(numbers, target, true, chain, solution) ? chain : std::string();
}

/// Numbers of a level, and a target that they make.
Made random_target(Random& random, const Level& level, std::vector<int>& numbers) {
  for (;;) {
    numbers.clear();
    std::vector<Made> parts;
    for (int i = 0; i < level.numbers; ++i) {
      numbers.push_back(between(random, 1, level.highest));
      parts.push_back(plain(numbers.back()));
    }
    while (parts.size() > 1) {
      shuffle(random, parts);
      auto made = combined(parts[0], "+-*/"[random.below(4)], parts[1]);
      if (!made) break;
      parts[0] = std::move(*made);
      parts.erase(parts.begin() + 1);
    }
    const int target = parts[0].value;
    if (parts.size() == 1 && target >= level.lowest_target && target <= level.highest_target) {
      return parts[0];
    }
  }
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  std::vector<int> numbers;
  const Made made = random_target(random, level, numbers);
  Instance instance;
  instance.answer = made.formula;
  if (numbers.size() == 3) instance.chain = solve_three(numbers, made.value, instance.answer);
  const std::string target = std::to_string(made.value), list = listed(numbers);
  instance.question = phrase(
      random,
      {"Using the numbers {0}, create an equation that equals {1}. You can use basic arithmetic "
       "operations (+, -, *, /) and each number must be used exactly once.",
       "Make {1} from the numbers {0} with +, -, * and /. Use each number exactly once.",
       "How can you combine {0} to get {1}? Every number must be used exactly once; +, -, * and / "
       "and brackets are allowed.",
       "Find an expression with the value {1} that uses each of {0} exactly once and only +, -, *, "
       "/ and brackets.",
       "Get {1} from {0}, each used once, with + - * /.",
       "Reach the target {1} with the numbers {0}. Each has to be used once."},
      {list, target});
  instance.follow_up =
      phrase(random,
             {"And {1} from {0}?", "Now make {1} from {0}.", "What about {1} from the numbers {0}?",
              "And how do you get {1} from {0}?"},
             {list, target});
  std::sort(numbers.begin(), numbers.end());
  instance.content = listed(numbers, " ") + " = " + target;
  return instance;
}

/// The sides of "25-3*7 = 4".
std::vector<std::string_view> sides_of(std::string_view equation) {
  std::vector<std::string_view> sides;
  for (std::size_t begin = 0; begin <= equation.size();) {
    const std::size_t end = std::min(equation.find('=', begin), equation.size());
    sides.push_back(equation.substr(begin, end - begin));
    begin = end + 1;
  }
  return sides;
}

/// Of prose: the last stretch of signs and numbers that has an operation in it.
std::string last_formula(std::string_view prose) {
  const auto belongs = [](char c) {
    return std::string_view("0123456789+-*/()= ").find(c) != std::string_view::npos;
  };
  std::string last;
  for (std::size_t i = 0; i < prose.size();) {
    std::size_t end = i;
    while (end < prose.size() && belongs(prose[end])) ++end;
    const std::string_view stretch = prose.substr(i, end - i);
    if (stretch.find_first_of("+-*/") != std::string_view::npos &&
        stretch.find_first_of("0123456789") != std::string_view::npos) {
      last = stretch;
    }
    i = std::max(end, i + 1);
  }
  return last;
}

bool accepts(const std::string& answer, std::string_view response) {
  auto right = read_formula(answer);
  if (!right || !right->value) {
    throw Error("answer " + answer, "it is no expression with a value", "as in (25-7)*4");
  }
  std::sort(right->numbers.begin(), right->numbers.end());
  const grading::Extracted found = grading::extract_answer(response);
  const bool marked = found.how == "box" || found.how == "answer tags";
  const std::size_t thought = response.rfind("</think>");
  const std::string given =
      marked || found.answer.empty()
          ? found.answer
          : last_formula(response.substr(thought == std::string_view::npos ? 0 : thought + 8));
  const std::vector<std::string_view> sides = sides_of(given);
  if (sides.size() > 2) return false;
  int expressions = 0;
  for (const std::string_view side : sides) {
    auto formula = read_formula(side);
    if (!formula || !formula->value || !(*formula->value == *right->value)) return false;
    std::sort(formula->numbers.begin(), formula->numbers.end());
    if (formula->numbers == right->numbers) {
      ++expressions;
    } else if (formula->numbers.size() != 1) {
      return false;
    }
  }
  return expressions == 1;
}

}  // namespace

Task countdown() {
  Task task;
  task.name = "countdown";
  task.about = "make a number up to 100 of three numbers up to 25 with + - * /";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
