// Chains of + - * with brackets.
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int fewest, most, highest, largest_value;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{2, 3, 20, 99}, {3, 4, 50, 400}, {4, 5, 99, 999}, {6, 7, 99, 9999}}};

std::string text(int number) {
  return std::to_string(number);
}

/// A formula in the order it is written, brackets included; numbers are digits, or names of one
/// letter.
using Tokens = std::vector<std::string>;

std::string joined(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

bool is_operand(const std::string& token) {
  return std::isalnum(static_cast<unsigned char>(token[0])) != 0;
}

/// What is worked out goes by names: each stands once in a formula, where numbers may be equal and
/// get lost or doubled when it is written anew.
class Names {
 public:
  std::string give(int value) {
    values_.push_back(value);
    return {static_cast<char>('a' + values_.size() - 1)};
  }
  int value(const std::string& name) const {
    return values_[static_cast<std::size_t>(name[0] - 'a')];
  }

 private:
  std::vector<int> values_;
};

struct Operation {
  std::size_t at;  // of the sign
  int left, right, result;
  char sign;
};

/// The operation that comes first: in the first innermost bracket, products before sums.
Operation first_operation(const Tokens& tokens, const Names& names) {
  std::size_t begin = 0, end = tokens.size();
  const auto close = std::find(tokens.begin(), tokens.end(), ")");
  if (close != tokens.end()) {
    end = static_cast<std::size_t>(close - tokens.begin());
    begin = end;
    while (tokens[begin] != "(") --begin;
    ++begin;
  }
  std::size_t at = begin + 1;
  for (std::size_t i = begin; i < end; ++i) {
    if (tokens[i] == "*") {
      at = i;
      break;
    }
  }
  Operation operation{at, names.value(tokens[at - 1]), names.value(tokens[at + 1]), 0,
                      tokens[at][0]};
  if (operation.sign == '+') operation.result = operation.left + operation.right;
  if (operation.sign == '-') operation.result = operation.left - operation.right;
  if (operation.sign == '*') operation.result = operation.left * operation.right;
  return operation;
}

/// The result's name in the operation's place, without brackets around it alone.
void replace(Tokens& tokens, const Operation& operation, const std::string& name) {
  const auto sign = tokens.begin() + static_cast<std::ptrdiff_t>(operation.at);
  *(sign - 1) = name;
  const auto result = tokens.erase(sign, sign + 2) - 1;
  if (result != tokens.begin() && *(result - 1) == "(" && *(result + 1) == ")") {
    tokens.erase(result + 1);
    tokens.erase(result - 1);
  }
}

std::string steps_of(const Operation& operation) {
  switch (operation.sign) {
    case '+':
      return addition_steps(operation.left, operation.right);
    case '-':
      return subtraction_steps(operation.left, operation.right);
    default:
      return multiplication_steps(operation.left, operation.right);
  }
}

std::string last_digits_of(const Operation& operation) {
  const int left = operation.left % 10, right = operation.right % 10;
  const int lent = operation.sign == '-' && left < right ? 10 : 0;
  return std::to_string(left + lent) + operation.sign + std::to_string(right) + " ends in " +
         std::to_string(operation.result % 10);
}

/// The chain of a formula, or nothing where a value isn't in [0, largest].
bool solve(Tokens tokens, int largest, std::string& chain, int& value) {
  Names names;
  chain = "I name all numbers: ";
  for (std::string& token : tokens) {
    if (!is_operand(token)) {
      chain += token;
      continue;
    }
    const std::string name = names.give(std::stoi(token));
    chain += name + ":" + token;
    token = name;
  }
  chain += ". Brackets first, then products, then from the left.\n";
  for (;;) {
    const Operation operation = first_operation(tokens, names);
    if (operation.result < 0 || operation.result > largest) return false;
    if (operation.sign == '*' && std::min(operation.left, operation.right) > 12) return false;
    chain += tokens[operation.at - 1] + operation.sign + tokens[operation.at + 1] + ": " +
             steps_of(operation);
    value = operation.result;
    const std::string name = names.give(value);
    replace(tokens, operation, name);
    if (tokens.size() == 1) {
      chain +=
          ".\nCheck the last step: " + last_digits_of(operation) + ", as " + text(value) + " does.";
      return true;
    }
    chain += ", " + name + ":" + text(value) + ", " + joined(tokens) + ".\n";
  }
}

/// `count` numbers in random brackets.
Tokens random_formula(Random& random, int count, int highest, bool in_product) {
  if (count == 1) return {std::to_string(between(random, in_product ? 2 : 1, highest))};
  const int left_count = between(random, 1, count - 1);
  const char sign = "++--*"[random.below(5)];
  const bool product = sign == '*';
  const Tokens left = random_formula(random, left_count, product ? 12 : highest, product);
  const Tokens right = random_formula(random, count - left_count, highest, product);
  const auto weak = [](const Tokens& part) {  // its last operation is a sum or a difference
    int depth = 0;
    return std::any_of(part.begin(), part.end(), [&](const std::string& token) {
      if (token == "(") ++depth;
      if (token == ")") --depth;
      return depth == 0 && (token == "+" || token == "-");
    });
  };
  Tokens tokens;
  const auto append = [&](const Tokens& part, bool bracketed) {
    if (bracketed) tokens.emplace_back("(");
    tokens.insert(tokens.end(), part.begin(), part.end());
    if (bracketed) tokens.emplace_back(")");
  };
  append(left, weak(left) && product);
  tokens.emplace_back(1, sign);
  append(right, weak(right));
  return tokens;
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  Instance instance;
  Tokens tokens;
  int value = 0;
  for (bool solved = false; !solved;) {
    tokens =
        random_formula(random, between(random, level.fewest, level.most), level.highest, false);
    const bool bracketed = std::find(tokens.begin(), tokens.end(), "(") != tokens.end();
    if (!bracketed && difficulty > 1) continue;
    solved = solve(tokens, level.largest_value, instance.chain, value);
  }
  instance.answer = std::to_string(value);
  instance.content = joined(tokens);
  std::string spaced;
  for (const std::string& token : tokens) {
    const bool sign = token == "+" || token == "-" || token == "*";
    spaced += sign ? " " + token + " " : token;
  }
  instance.question =
      phrase(random,
             {"What is {0}?", "Calculate {0}.", "Work out {0}.", "Find the value of {0}.",
              "How much is {0}?", "{0}", "{0} = ?", "Evaluate {0}.", "Compute {0}."},
             {spaced});
  instance.follow_up =
      phrase(random, {"And {0}?", "And what is {0}?", "What about {0}?", "Now {0}."}, {spaced});
  return instance;
}

}  // namespace

Task arithmetic_chains() {
  Task task;
  task.name = "arithmetic-chains";
  task.about = "the value of 4 or 5 numbers up to 99 with + - * and brackets";
  task.generate = generate;
  task.accepts = same_value;
  return task;
}

}  // namespace r1::tasks
