// In how many cases a formula of three variables is true, by its truth table.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

struct Level {
  int variables;
  bool implications;
};
constexpr std::array<Level, kHardest> kLevels = {{{2, false}, {2, true}, {3, true}, {4, true}}};
const std::array<std::string, 5> kJoins = {"and", "or", "implies", "xor", "iff"};

struct Literal {
  int variable;
  bool negated;
  bool value(unsigned row, int variables) const {
    return ((row >> static_cast<unsigned>(variables - 1 - variable) & 1u) != 0) != negated;
  }
};

bool joined(bool a, std::size_t join, bool b) {
  switch (join) {
    case 0:
      return a && b;
    case 1:
      return a || b;
    case 2:
      return !a || b;
    case 3:
      return a != b;
    default:
      return a == b;
  }
}

/// (a join b) middle (c join d).
struct Formula {
  std::array<Literal, 4> literals;
  std::size_t left, middle, right;
};

Formula random_formula(Random& random, const Level& level) {
  Formula formula{};
  const std::uint64_t joins = level.implications ? kJoins.size() : 2;
  formula.left = random.below(joins);
  formula.middle = random.below(joins);
  formula.right = random.below(joins);
  std::vector<int> variables = {0, 1, 0, 1};
  if (level.variables > 2) variables = {0, 1, 2, between(random, 0, level.variables - 1)};
  if (level.variables > 3) variables[3] = 3;
  do {
    shuffle(random, variables);
  } while (variables[0] == variables[1] || variables[2] == variables[3]);
  for (std::size_t i = 0; i < 4; ++i) formula.literals[i] = {variables[i], random.below(2) == 0};
  return formula;
}

std::string text(const Literal& literal, const std::string& names) {
  return std::string(literal.negated ? "not " : "") +
         names[static_cast<std::size_t>(literal.variable)];
}

std::string text(const Formula& formula, const std::string& names) {
  const auto& [a, b, c, d] = formula.literals;
  return "(" + text(a, names) + " " + kJoins[formula.left] + " " + text(b, names) + ") " +
         kJoins[formula.middle] + " (" + text(c, names) + " " + kJoins[formula.right] + " " +
         text(d, names) + ")";
}

std::string digit(bool value) {
  return value ? "1" : "0";
}

/// "1 and 0 is 0".
std::string step(bool a, std::size_t join, bool b) {
  return digit(a) + " " + kJoins[join] + " " + digit(b) + " is " + digit(joined(a, join, b));
}

std::string solve(const Formula& formula, const std::string& names, int variables, int& count) {
  std::string chain = "I write 1 for true and 0 for false and go through the values of";
  for (const char name : names) chain += std::string(" ") + name;
  chain += ".\n";
  count = 0;
  for (unsigned row = 0; row < 1u << static_cast<unsigned>(variables); ++row) {
    std::array<bool, 4> values{};
    for (std::size_t i = 0; i < 4; ++i) values[i] = formula.literals[i].value(row, variables);
    const bool left = joined(values[0], formula.left, values[1]);
    const bool right = joined(values[2], formula.right, values[3]);
    const bool whole = joined(left, formula.middle, right);
    for (int i = 0; i < variables; ++i) {
      chain += std::string(1, names[static_cast<std::size_t>(i)]) + " " +
               digit(Literal{i, false}.value(row, variables)) + " ";
    }
    chain.back() = ':';
    count += whole ? 1 : 0;
    const auto& [a, b, c, d] = formula.literals;
    // Each part is said again, so that its values are read from the words just before them.
    chain += " " + text(a, names) + " " + kJoins[formula.left] + " " + text(b, names) + " is " +
             step(values[0], formula.left, values[1]) + ", " + text(c, names) + " " +
             kJoins[formula.right] + " " + text(d, names) + " is " +
             step(values[2], formula.right, values[3]) + ", " + step(left, formula.middle, right) +
             (whole ? ", count " + std::to_string(count) : "") + "\n";
  }
  const int rows = 1 << variables;
  return chain + "Check: true in " + std::to_string(count) + ", false in " +
         std::to_string(rows - count) + ", " + std::to_string(count) + "+" +
         std::to_string(rows - count) + "=" + std::to_string(rows) + " rows.";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  static constexpr std::array<std::string_view, 4> kNames = {"ABCD", "PQRS", "XYZW", "KLMN"};
  const std::string names(
      one_of(random, kNames).substr(0, static_cast<std::size_t>(level.variables)));
  // Every count is about equally likely; some of those of few or many variables can't be reached.
  Formula formula{};
  Instance instance;
  int count = 0, wanted = -1;
  for (int tries = 0; count != wanted; ++tries) {
    if (tries % 200 == 0) wanted = between(random, 1, (1 << level.variables) - 1);
    formula = random_formula(random, level);
    instance.chain = solve(formula, names, level.variables, count);
  }
  instance.answer = std::to_string(count);
  instance.content = text(formula, "ABCD");
  std::vector<std::string> variables;
  for (const char name : names) variables.emplace_back(1, name);
  const std::string rows = std::to_string(1 << level.variables);
  instance.question =
      phrase(random,
             {"{0} can each be true or false. In how many of the {1} cases is {2} true?",
              "How many rows of the truth table of {2} are true, of the {1} rows for {0}?",
              "For how many of the {1} assignments of true and false to {0} does {2} hold?",
              "{0} are true or false: {1} cases. Count those in which {2} is true."},
             {listed(variables), rows, text(formula, names)});
  instance.follow_up = phrase(random, {"And {0}?", "And for {0}?", "What about {0}?", "Now {0}."},
                              {text(formula, names)});
  instance.unsaid = names;
  return instance;
}

}  // namespace

Task propositional_logic() {
  Task task;
  task.name = "propositional-logic";
  task.about = "in how many of the 8 cases a formula of 3 variables is true";
  task.generate = generate;
  task.accepts = same_value;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
