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

TEST(WorkedChains, of_sets_answer_with_what_was_kept_and_counted) {
  for_each_instance("set-operations", [](const Instance& instance) {
    EXPECT_NE(instance.chain.find("Kept: " + instance.answer + ". Check"), std::string::npos);
    const auto kept = found_in(instance.chain, "kept as (\\d+)");
    const std::size_t count = integers_of(instance.answer)->size();
    if (!kept.empty()) {
      EXPECT_EQ(kept.back()[1], std::to_string(count));
    }
  });
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

TEST(WorkedChains, of_prime_factors_show_the_square_that_ends_them) {
  for_each_instance("prime-factors", [](const Instance& instance) {
    const auto end =
        found_in(instance.chain, "\n(\\d+): \\1\\*\\1=(\\d+), above (\\d+), so \\3 is prime");
    ASSERT_EQ(end.size(), 1u);
    EXPECT_GT(std::stoi(end[0][2]), std::stoi(end[0][3]));
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

TEST(WorkedChains, of_sorting_give_each_number_its_place_where_it_is_alone) {
  for_each_instance("sorting", [](const Instance& instance) {
    const auto placed = found_in(instance.chain, "(\\d+), place (\\d+)\\.");
    const auto sorted = *integers_of(instance.answer);
    ASSERT_EQ(placed.size(), sorted.size());
    for (std::size_t i = 0; i < placed.size(); ++i) {
      EXPECT_EQ(placed[i][1], std::to_string(sorted[i]));
      EXPECT_EQ(placed[i][2], std::to_string(i + 1));
    }
  });
}

TEST(WorkedChains, of_countdown_compare_each_value_with_those_made) {
  for_each_instance("countdown", [](const Instance& instance) {
    std::istringstream lines(instance.chain);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("Leave")) continue;
      const std::size_t needed = line.find("Needed: ");
      ASSERT_NE(needed, std::string::npos);
      std::set<std::string> made;
      for (const auto& value : found_in(line.substr(0, needed), "(?:=|so )(\\d+)")) {
        made.insert(value[1]);
      }
      for (const auto& value : found_in(line.substr(needed), "(?:=|so )(\\d+) (no|yes)")) {
        EXPECT_EQ(made.count(value[1]), value[2] == "yes" ? 1u : 0u) << value[0];
      }
    }
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

TEST(WorkedChains, of_bases_are_checked_the_other_way) {
  for_each_instance("base-conversion", [](const Instance& instance) {
    const std::string value = instance.content.substr(0, instance.content.find(':'));
    const bool to_ten = instance.answer == value && instance.content.ends_with(" 10");
    const std::string pattern = to_ten ? "\nCheck: " + value + "/\\d+: .*, and "
                                       : "\nCheck from the left: (?:.*=)?" + value + "\\.";
    EXPECT_EQ(found_in(instance.chain, pattern).size(), 1u);
  });
}

}  // namespace
}  // namespace r1::tasks
