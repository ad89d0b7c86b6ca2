// Random rational expressions, printed in many dialects: equal to themselves, unequal to others.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "tasks/grading/grade.h"

namespace r1 {
namespace {

/// A random expression as a tree of strings' makings; printed differently by each dialect.
struct Formula {
  char operation;  // 'n' number, 'v' variable, '+', '-', '*', '/', '^'
  int number = 0;
  std::shared_ptr<Formula> left, right;
};

using Random = std::mt19937;

int draw(Random& random, int below) {
  return static_cast<int>(random() % static_cast<unsigned>(below));
}

std::shared_ptr<Formula> make_formula(Random& random, int depth) {
  const int kind = draw(random, depth > 0 ? 8 : 2);
  auto made = std::make_shared<Formula>();
  if (kind < 2) {
    made->operation = kind == 0 ? 'n' : 'v';
    made->number = kind == 0 ? 1 + draw(random, 40) : draw(random, 3);
    return made;
  }
  made->operation = "++--**/^"[kind];
  made->left = make_formula(random, depth - 1);
  if (made->operation == '^') {
    made->number = 2 + draw(random, 2);
  } else {
    made->right = make_formula(random, depth - 1);
  }
  // A denominator that is no constant 0: a square plus a positive number.
  if (made->operation == '/') {
    auto square = std::make_shared<Formula>(Formula{'^', 2, made->right, nullptr});
    auto positive = std::make_shared<Formula>(Formula{'n', 1 + draw(random, 9), nullptr, nullptr});
    made->right = std::make_shared<Formula>(Formula{'+', 0, square, positive});
  }
  return made;
}

enum class Dialect { latex, plain, verbose };

std::string print(const Formula& formula, Dialect dialect, Random& random) {
  const auto of = [&](const std::shared_ptr<Formula>& part) {
    return print(*part, dialect, random);
  };
  const bool swap = dialect != Dialect::plain && draw(random, 2) == 0;
  const std::string space = dialect == Dialect::verbose ? "\\, " : "";
  const std::string open = dialect == Dialect::plain ? "(" : "\\left(";
  const std::string close = dialect == Dialect::plain ? ")" : "\\right)";
  switch (formula.operation) {
    case 'n':
      if (dialect == Dialect::verbose && draw(random, 2) == 0) {
        const int by = 2 + draw(random, 7);
        return "\\dfrac{" + std::to_string(formula.number * by) + "}{" + std::to_string(by) + "}";
      }
      return std::to_string(formula.number) + (dialect == Dialect::verbose ? ".0" : "");
    case 'v':
      return std::string(1, "xyz"[formula.number]);
    case '+': {
      const std::string a = of(formula.left), b = of(formula.right);
      return open + (swap ? b + space + "+" + a : a + space + "+ " + b) + close;
    }
    case '-': {
      const std::string a = of(formula.left), b = of(formula.right);
      if (swap) return open + "-" + open + b + close + space + "+" + a + close;
      return open + a + " - " + open + b + close + close;
    }
    case '*': {
      const std::string a = of(formula.left), b = of(formula.right);
      const std::string sign = dialect == Dialect::plain     ? "*"
                               : dialect == Dialect::verbose ? "\\times "
                                                             : "\\cdot ";
      return open + a + close + sign + open + (b) + close;
    }
    case '/': {
      const std::string a = of(formula.left), b = of(formula.right);
      if (dialect == Dialect::plain) return "((" + a + ")/(" + b + "))";
      if (dialect == Dialect::latex) return "\\frac{" + a + "}{" + b + "}";
      return open + a + close + "{" + open + b + close + "}^{-1}";
    }
    default: {
      const std::string a = of(formula.left);
      const std::string n = std::to_string(formula.number);
      if (dialect == Dialect::plain) return "((" + a + ")**" + n + ")";
      if (dialect == Dialect::latex) return open + a + close + "^" + n;
      return "{" + open + a + close + "}^{" + n + "}";
    }
  }
}

TEST(GradingProperties, an_expression_is_equal_to_itself_in_every_dialect_and_to_no_other) {
  Random random(20250122);
  for (int i = 0; i < 300; ++i) {
    const auto formula = make_formula(random, 3);
    const std::string gold = "$" + print(*formula, Dialect::latex, random) + "$";
    for (const Dialect dialect : {Dialect::latex, Dialect::plain, Dialect::verbose}) {
      const std::string same = print(*formula, dialect, random);
      const Grade grade = grade_answer(gold, same);
      EXPECT_TRUE(grade.equal) << gold << " | " << same << ": " << grade.reason;
      const int by = 1 + draw(random, 9);
      const std::string others[] = {same + " + " + std::to_string(by),
                                    same + " - \\frac{1}{10^{" + std::to_string(by + 9) + "}}",
                                    "w\\cdot(" + same + ") + 1"};
      for (const std::string& other : others) {
        EXPECT_FALSE(grade_answer(gold, other).equal) << gold << " | " << other;
      }
    }
  }
}

TEST(GradingProperties, products_of_roots_agree_with_their_squares) {
  Random random(7);
  for (int i = 0; i < 200; ++i) {
    const int a = 1 + draw(random, 60), b = 1 + draw(random, 60), c = 1 + draw(random, 9);
    const std::string gold = std::to_string(c) + "\\sqrt{" + std::to_string(a) + "}\\cdot\\sqrt{" +
                             std::to_string(b) + "}";
    const int square = a * b * c * c;
    EXPECT_TRUE(grade_answer(gold, "\\sqrt{" + std::to_string(square) + "}").equal) << gold;
    EXPECT_FALSE(grade_answer(gold, "\\sqrt{" + std::to_string(square + 1) + "}").equal) << gold;
    EXPECT_FALSE(grade_answer(gold, "-\\sqrt{" + std::to_string(square) + "}").equal) << gold;
  }
}

}  // namespace
}  // namespace r1
