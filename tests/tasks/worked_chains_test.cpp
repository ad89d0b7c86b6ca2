// What single kinds' chains promise beyond right equations: that a step needs one look at what is
// written.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tasks/answers.h"
#include "tasks/calendar.h"
#include "tasks/task.h"

namespace r1::tasks {
namespace {

void for_each_instance(const std::string& name,
                       const std::function<void(const Instance&)>& expectations) {
  const Task task = find_task(name);
  for (int difficulty = 1; difficulty <= kHardest; ++difficulty) {
    for (std::uint64_t i = 0; i < 60; ++i) {
      const Instance instance = draw(task, Split::train, 17, i, difficulty);
      SCOPED_TRACE(instance.question + "\n" + instance.chain);
      expectations(instance);
    }
  }
}

/// What the groups of a pattern match, one match after the other.
std::vector<std::vector<std::string>> found_in(const std::string& text,
                                               const std::string& pattern) {
  std::vector<std::vector<std::string>> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end;
       ++match) {
    found.emplace_back();
    for (const auto& group : *match) found.back().push_back(group.str());
  }
  return found;
}

TEST(WorkedChains, of_sets_answer_with_the_last_list_of_what_was_kept) {
  for_each_instance("set-operations", [](const Instance& instance) {
    const auto kept = found_in(instance.chain, "I keep (\\d+): ([^.]*)\\.");
    ASSERT_FALSE(kept.empty());
    for (const auto& list : kept) EXPECT_EQ(integers_of(list[2])->size(), std::stoul(list[1]));
    EXPECT_EQ(kept.back()[2], instance.answer);
    EXPECT_TRUE(instance.chain.ends_with("\nSo the answer is " + instance.answer + "."));
  });
}

TEST(WorkedChains, of_knights_name_everyone_with_the_number_of_the_case) {
  for_each_instance("knights-and-knaves", [](const Instance& instance) {
    std::istringstream lines(instance.chain);
    std::string number;
    std::set<std::string> roles;
    for (std::string line; std::getline(lines, line);) {
      const auto found = found_in(line, "[A-Z][a-z]+(\\d+) a kn(?:ight|ave)");
      const auto begun = found_in(line, "^Case (\\d+): ");
      if (!begun.empty()) {
        number = begun[0][1];
        roles.clear();
        for (const auto& role : found) roles.insert(role[0]);
      }
      for (const auto& role : found) {
        EXPECT_EQ(role[1], number);
        EXPECT_EQ(roles.count(role[0]), 1u) << role[0];
      }
      const auto judged =
          found_in(line, "(true|false), said by \\w+ a (knight|knave): (fits|does not fit)\\.$");
      for (const auto& words : judged) {
        EXPECT_EQ((words[1] == "true") == (words[2] == "knight"), words[3] == "fits");
      }
    }
  });
}

TEST(WorkedChains, of_arithmetic_write_formulas_in_which_no_name_stands_twice) {
  for_each_instance("arithmetic-chains", [](const Instance& instance) {
    const auto formulas = found_in(instance.chain, ", ([-a-z+*()]+)\\.\n");
    const auto named = found_in(instance.chain, "([a-z]):(\\d+)");
    EXPECT_EQ(formulas.size() + 1, found_in(instance.chain, "\n[a-z][-+*][a-z]: ").size());
    std::set<std::string> names;
    for (const auto& name : named) EXPECT_TRUE(names.insert(name[1]).second) << name[0];
    for (const auto& formula : formulas) {
      std::set<std::string> seen;
      for (const auto& name : found_in(formula[1], "[a-z]")) {
        EXPECT_TRUE(seen.insert(name[0]).second) << formula[1];
      }
    }
  });
}

TEST(WorkedChains, of_equations_keep_both_sides_equal) {
  for_each_instance("linear-equations", [](const Instance& instance) {
    const int x = std::stoi(instance.answer);
    const auto right = found_in(instance.chain, ", so (-?\\d+)=(\\d+)[a-z]([-+]\\d+)\\.");
    const auto left = found_in(instance.chain, ", so (\\d+)[a-z]([-+]\\d+)=(-?\\d+)\\.");
    ASSERT_EQ(left.size() + right.size(), 1u);
    for (const auto& sides : right) {
      EXPECT_EQ(std::stoi(sides[1]), std::stoi(sides[2]) * x + std::stoi(sides[3]));
    }
    for (const auto& sides : left) {
      EXPECT_EQ(std::stoi(sides[1]) * x + std::stoi(sides[2]), std::stoi(sides[3]));
    }
    const auto multiple = found_in(instance.chain, "So (\\d+)[a-z] is (-?\\d+)\\.");
    ASSERT_EQ(multiple.size(), 1u);
    EXPECT_EQ(std::stoi(multiple[0][1]) * x, std::stoi(multiple[0][2]));
  });
}

TEST(WorkedChains, of_letters_stand_each_beside_the_one_that_is_counted) {
  for_each_instance("counting-letters", [](const Instance& instance) {
    const std::string letter = instance.content.substr(instance.content.find(' ') + 1);
    const auto lines = found_in(instance.chain, "\n\\d+: ([a-z]) (not|is) ([a-z])");
    EXPECT_EQ(lines.size(), instance.content.find(' '));
    for (const auto& line : lines) {
      EXPECT_EQ(line[3], letter);
      EXPECT_EQ(line[1] == letter, line[2] == "is");
    }
  });
}

TEST(WorkedChains, of_divisions_compare_digit_by_digit_and_say_what_follows) {
  for (const char* name : {"division", "gcd-lcm", "base-conversion", "fractions"}) {
    for_each_instance(name, [](const Instance& instance) {
      const auto tries = found_in(
          instance.chain,
          "(\\d+) against (\\d+): [^,]*(?:\\d as \\d, |\\d (?:above|below) \\d(?: digits)?, )+"
          "(too much|just that|fits|too little|enough)");
      EXPECT_EQ(tries.size(), found_in(instance.chain, "against").size());
      for (const auto& compared : tries) {
        const int left = std::stoi(compared[1]), right = std::stoi(compared[2]);
        const std::string& said = compared[3];
        EXPECT_EQ(left == right, said == "just that" || (left == right && said == "too little"));
        EXPECT_EQ(left < right, said == "fits" || said == "enough");
      }
    });
  }
}

TEST(WorkedChains, of_common_divisors_go_back_through_the_divisions) {
  for_each_instance("gcd-lcm", [](const Instance& instance) {
    const std::size_t check = instance.chain.find("\nCheck: ");
    const std::size_t back = std::min(check, instance.chain.find("\nThe least common multiple"));
    const auto again = found_in(instance.chain.substr(std::min(back, instance.chain.size())),
                                "[Ii]nto (\\d+)=\\S*\\d");
    for (const auto& division : again) {
      EXPECT_LT(instance.chain.find(division[1] + "=", 0), back) << "it was written before";
      if (check != std::string::npos) {
        EXPECT_EQ(std::stoi(division[1]) % std::stoi(instance.answer), 0);
      }
    }
    EXPECT_EQ(again.empty(), instance.answer == "1");
    if (back < check) {
      EXPECT_EQ(instance.chain.find('/', back), std::string::npos) << "divided again";
    }
  });
}

TEST(WorkedChains, of_fractions_divide_by_nothing_that_is_1) {
  for_each_instance("fractions", [](const Instance& instance) {
    EXPECT_TRUE(found_in(instance.chain, "/1[:=]|=1\\*|Divide both by 1:").empty());
    // A quotient of two digits takes the steps of a division.
    EXPECT_TRUE(found_in(instance.chain, "Divide both by \\d+: \\d+=\\d+\\*\\d\\d").empty());
  });
}

TEST(WorkedChains, of_fractions_say_again_whether_they_are_added) {
  for_each_instance("fractions", [](const Instance& instance) {
    const bool adds = instance.content.find(" + ") != std::string::npos;
    const bool takes = instance.content.find(" - ") != std::string::npos;
    EXPECT_EQ(instance.chain.starts_with("I add "), adds);
    EXPECT_EQ(instance.chain.starts_with("From "), takes);
    EXPECT_EQ(instance.chain.find("\nAdded above: ") != std::string::npos, adds);
    EXPECT_EQ(instance.chain.find("\nTaken off above: ") != std::string::npos, takes);
  });
}

TEST(WorkedChains, of_prime_factors_compare_each_square_and_show_that_which_ends_them) {
  for_each_instance("prime-factors", [](const Instance& instance) {
    const auto end = found_in(instance.chain, "\n(\\d+)\\*\\1=(\\d+): [^=\n]*, so (\\d+) is prime");
    ASSERT_EQ(end.size(), 1u);
    EXPECT_GT(std::stoi(end[0][2]), std::stoi(end[0][3]));
    const auto squares =
        found_in(instance.chain, "\n(\\d+)\\*\\1=\\d+: \\d (?:as|above|below) \\d");
    const auto results = found_in(instance.chain, "yes\\. (\\d+=\\S*\\d)\\.|(no)\\.");
    EXPECT_EQ(squares.size(), results.size() + 1);
    // The product so far is the answer at the end.
    const auto products = found_in(instance.chain, "yes\\. \\d+=(\\S*\\d)\\.");
    if (!products.empty()) {
      EXPECT_EQ(products.back()[1], instance.answer);
    }
  });
}

TEST(WorkedChains, of_dates_say_why_a_february_has_its_length) {
  for_each_instance("dates", [](const Instance& instance) {
    for (const auto& february :
         found_in(instance.chain, "February (\\d+): \\d+=4\\*\\d+\\+(\\d), so it has (\\d+)")) {
      EXPECT_EQ(february[2] == "0", february[3] == "29");
      EXPECT_EQ(days_in_month(std::stoi(february[1]), 2), std::stoi(february[3]));
    }
    EXPECT_TRUE(found_in(instance.chain, "February has").empty());
  });
}

TEST(WorkedChains, of_sorting_put_in_one_number_after_the_other) {
  for_each_instance("sorting", [](const Instance& instance) {
    const auto lists = found_in(instance.chain, "(\\d+): (\\d+): [^.]*so ([^.]*)\\.");
    const auto sorted = *integers_of(instance.answer);
    ASSERT_EQ(lists.size(), sorted.size());
    std::vector<int> before;
    for (const auto& line : lists) {
      std::vector<int> list = *integers_of(line[3]);
      EXPECT_EQ(list.size(), std::stoul(line[1]));
      const auto put = std::find(list.begin(), list.end(), std::stoi(line[2]));
      ASSERT_NE(put, list.end());
      std::vector<int> others = list;
      others.erase(others.begin() + (put - list.begin()));
      EXPECT_EQ(others, before);
      before = list;
    }
    EXPECT_EQ(before, std::vector<int>(sorted.begin(), sorted.end()));
  });
}

TEST(WorkedChains, of_countdown_end_where_the_target_first_comes) {
  for_each_instance("countdown", [](const Instance& instance) {
    if (instance.chain.empty()) return;  // four numbers
    const std::string target = instance.content.substr(instance.content.find("= ") + 2);
    const auto found = found_in(instance.chain, "[:,] \\d+[-+*/]\\d+=(\\d+): (?:\\d as \\d, )+yes");
    ASSERT_EQ(found.size(), 1u) << "compared digit by digit";
    EXPECT_EQ(found[0][1], target);
    const std::string searched = instance.chain.substr(0, instance.chain.find(found[0][0]));
    EXPECT_TRUE(found_in(searched, "[:,] \\d+[-+*/]\\d+=" + target + "[:,.]").empty());
  });
}

TEST(WorkedChains, of_sudoku_list_the_digits_that_a_cell_sees) {
  for_each_instance("small-sudoku", [](const Instance& instance) {
    for (const auto& cell : found_in(instance.chain, "has (\\d) (\\d) (\\d), so (\\d)")) {
      EXPECT_EQ(std::set<std::string>(cell.begin() + 1, cell.end()).size(), 4u) << cell[0];
    }
    EXPECT_TRUE(found_in(instance.chain, "has \\d \\d \\d, not yet").empty());
  });
}

TEST(WorkedChains, of_bases_number_their_digits_and_are_checked_the_other_way) {
  for_each_instance("base-conversion", [](const Instance& instance) {
    const std::string value = instance.content.substr(0, instance.content.find(':'));
    const std::string base = instance.content.substr(instance.content.rfind(' ') + 1);
    if (base == "10") {
      EXPECT_EQ(found_in(instance.chain, "\nCheck: " + value + "/\\d+: .*, and ").size(), 1u);
      return;
    }
    const auto digits = found_in(instance.chain, "\nFrom the last: (.*), so (.*)\\.");
    ASSERT_EQ(digits.size(), 1u);
    EXPECT_EQ(digits[0][2], instance.answer);
    std::string from_last;
    for (const auto& digit : found_in(digits[0][1], "(\\d+):(\\w)")) {
      EXPECT_EQ(std::stoul(digit[1]), instance.answer.size() - from_last.size());
      from_last += digit[2];
    }
    EXPECT_EQ(from_last, instance.answer);
    if (instance.answer.size() == 1) return;
    const auto check =
        found_in(instance.chain, "\nCheck of the first two digits: .*\\b(\\d+), as above\\.");
    ASSERT_EQ(check.size(), 1u);
    EXPECT_NE(instance.chain.find("\n" + check[0][1] + "/" + base + ": "), std::string::npos);
  });
}

}  // namespace
}  // namespace r1::tasks
