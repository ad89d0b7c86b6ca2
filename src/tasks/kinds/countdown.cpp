// Countdown: make a number of given ones with + - * /, each used exactly once. The form of
// TinyZero.
#include <algorithm>
#include <array>
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

constexpr int kLargestFactor = 12;  // a product with it is known, without steps

/// A number and how it was made.
struct Made {
  int value;
  std::string formula;
  bool single = true;  // needs no brackets in a larger formula
};

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
std::vector<Made> pair_values(int a, int b) {
  const Made high{std::max(a, b), std::to_string(std::max(a, b))};
  const Made low{std::min(a, b), std::to_string(std::min(a, b))};
  std::vector<Made> values;
  for (const char sign : {'+', '-', '*', '/'}) {
    if (auto made = combined(high, sign, low)) values.push_back(std::move(*made));
  }
  return values;
}

/// "12*3=36"; the steps where both are too large for a table.
std::string product_text(int a, int b) {
  if (std::min(a, b) > kLargestFactor) return multiplication_steps(a, b);
  return std::to_string(a) + "*" + std::to_string(b) + "=" + std::to_string(a * b);
}

/// A value that, with `left` beside it, makes the target; `before` and `after` stand around it.
struct Need {
  int value;             // 0 where there is none
  std::string equation;  // how it is found: "44-4=40"; why there is none: "44/3 isn't whole"
  std::string before, after;
};

/// All the values that would help, up to `largest`.
std::vector<Need> needs(int target, int left, int largest) {
  const std::string goal = std::to_string(target), x = std::to_string(left);
  std::vector<Need> needs;
  const auto divide = [&](int a, int b, const std::string& before, const std::string& after) {
    const std::string formula = std::to_string(a) + "/" + std::to_string(b);
    if (a % b == 0) {
      needs.push_back({a / b, formula + "=" + std::to_string(a / b), before, after});
    } else {
      needs.push_back({0, formula + " isn't whole", before, after});
    }
  };
  if (target > left) {
    needs.push_back(
        {target - left, goal + "-" + x + "=" + std::to_string(target - left), "", "+" + x});
  }
  needs.push_back(
      {target + left, goal + "+" + x + "=" + std::to_string(target + left), "", "-" + x});
  if (left > target) {
    needs.push_back(
        {left - target, x + "-" + goal + "=" + std::to_string(left - target), x + "-", ""});
  }
  if (left == 1) return needs;
  if (target * left <= largest) {
    needs.push_back({target * left, product_text(target, left), "", "/" + x});
  } else {
    needs.push_back({0, goal + "*" + x + " is too large", "", ""});
  }
  if (target >= left) divide(target, left, "", "*" + x);
  if (left > target) divide(left, target, x + "/", "");
  return needs;
}

std::string check(const Need& need, const Made& made, int target) {
  const std::string value = std::to_string(made.value);
  return "Check: " + made.formula + "=" + value + ", " + need.before + value + need.after + "=" +
         std::to_string(target) + ". Each number is used once.";
}

/// Leaves each number to the last step and looks whether the other two make what it needs, one
/// value after the other. Ends with the solution; empty if there is none.
std::string solve_three(const std::vector<int>& numbers, int target, std::string& solution) {
  std::string chain =
      "I leave one number for the last step and see if the other two make what it needs.\n";
  for (std::size_t i = 0; i < 3; ++i) {
    const int left = numbers[i], a = numbers[(i + 1) % 3], b = numbers[(i + 2) % 3];
    const std::vector<Made> pairs = pair_values(std::min(a, b), std::max(a, b));
    std::vector<std::string> makes;
    int largest = 0;
    for (const Made& made : pairs) {
      const bool product = made.formula.find('*') != std::string::npos;
      makes.push_back(product ? product_text(std::max(a, b), std::min(a, b))
                              : made.formula + "=" + std::to_string(made.value));
      largest = std::max(largest, made.value);
    }
    chain += "Leave " + std::to_string(left) + ". Made: " + listed(makes) + ". Needed: ";
    std::string separator;
    for (const Need& need : needs(target, left, largest)) {
      chain += separator + need.equation;
      separator = ", ";
      if (need.value == 0) continue;
      const auto made = std::find_if(pairs.begin(), pairs.end(), [&](const Made& candidate) {
        return candidate.value == need.value;
      });
      chain += made == pairs.end() ? " no" : " yes";
      if (made == pairs.end()) continue;
      solution = need.before + "(" + made->formula + ")" + need.after;
      chain += ".\nSo " + solution + ". " + check(need, *made, target);
      return chain;
    }
    chain += ".\n";
  }
  return {};
}

/// Numbers of a level, and a target that they make.
Made random_target(Random& random, const Level& level, std::vector<int>& numbers) {
  for (;;) {
    numbers.clear();
    std::vector<Made> parts;
    for (int i = 0; i < level.numbers; ++i) {
      numbers.push_back(between(random, 1, level.highest));
      parts.push_back({numbers.back(), std::to_string(numbers.back())});
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
       "/ and brackets."},
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
