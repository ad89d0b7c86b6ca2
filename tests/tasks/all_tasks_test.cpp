// What every task promises, whatever it asks: right answers are accepted and wrong ones aren't,
// chains are right step by step, training and test questions never meet.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tasks/formula.h"
#include "tasks/task.h"

namespace r1::tasks {
namespace {

class EveryTask : public ::testing::TestWithParam<std::string> {
 protected:
  Task task_ = find_task(GetParam());
};

std::vector<std::string> generated_names() {
  std::vector<std::string> names;
  for (const Task& task : find_tasks("all")) names.push_back(task.name);
  return names;
}

std::string boxed(const std::string& answer) {
  return "I see.\n</think>\n\nThe answer is \\boxed{" + answer + "}.";
}

/// Each answer with one digit or letter changed, dropped or doubled.
std::vector<std::string> corrupted(const std::string& answer) {
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const char c = answer[i];
    if (c >= '0' && c <= '9') {
      for (const int step : {1, 5, 9}) {
        wrong.push_back(answer);
        wrong.back()[i] = static_cast<char>('0' + (c - '0' + step) % 10);
      }
      wrong.push_back(answer);
      wrong.back().insert(i, 1, c == '9' ? '8' : '9');
    }
  }
  return wrong;
}

TEST_P(EveryTask, accepts_its_answers_in_every_form_of_response) {
  for (int difficulty = 1; difficulty <= kHardest; ++difficulty) {
    for (std::uint64_t i = 0; i < 40; ++i) {
      const Instance instance = draw(task_, Split::test, 7, i, difficulty);
      EXPECT_EQ(instance.difficulty, difficulty);
      EXPECT_FALSE(instance.question.empty());
      EXPECT_FALSE(instance.answer.empty());
      for (const std::string& response :
           {worked_response(instance), boxed(instance.answer), instance.answer,
            "<think>hm</think> <answer>" + instance.answer + "</answer>",
            "<think>\nhm\n</think>\n\n**Answer**: $\\boxed{" + instance.answer + "}$"}) {
        EXPECT_TRUE(verify(task_, instance.answer, response).correct) << instance.question << "\n"
                                                                      << response;
      }
    }
  }
}

TEST_P(EveryTask, refuses_other_answers) {
  std::size_t tried = 0, accepted = 0;
  for (std::uint64_t i = 0; i < 80; ++i) {
    const Instance instance = draw(task_, Split::test, 8, i);
    for (const std::string& wrong : corrupted(instance.answer)) {
      ++tried;
      const bool right = verify(task_, instance.answer, boxed(wrong)).correct;
      EXPECT_FALSE(right) << instance.question << "\n" << instance.answer << " / " << wrong;
      accepted += right ? 1 : 0;
    }
    const Instance other = draw(task_, Split::test, 9, i);
    for (const std::string& response :
         {std::string(), std::string("I don't know."), boxed(""), boxed("9**9**9"),
          boxed("9^9^9^9"), boxed("1/0"), "<think>" + instance.chain,
          boxed(instance.answer + " or " + other.answer)}) {
      if (other.answer == instance.answer) continue;
      ++tried;
      EXPECT_FALSE(verify(task_, instance.answer, response).correct)
          << instance.question << "\n"
          << instance.answer << " / " << response;
    }
  }
  EXPECT_GT(tried, 200u);
}

/// The equations of a text: stretches of numbers and signs with "=" in them.
std::vector<std::vector<std::string>> equations_in(const std::string& text) {
  std::vector<std::vector<std::string>> found;
  const auto belongs = [](char c) {
    return std::string_view("0123456789+-*/()=").find(c) != std::string_view::npos;
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && belongs(text[end])) ++end;
    const bool in_word =
        (i > 0 &&
         (std::isalpha(static_cast<unsigned char>(text[i - 1])) != 0 || text[i - 1] == '.')) ||
        (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0);
    const std::string stretch = text.substr(i, end - i);
    if (!in_word && stretch.find('=') != std::string::npos) {
      std::vector<std::string> sides(1);
      for (const char c : stretch) {
        if (c == '=') {
          sides.emplace_back();
        } else {
          sides.back() += c;
        }
      }
      found.push_back(sides);
    }
    i = std::max(end, i + 1);
  }
  return found;
}

TEST_P(EveryTask, has_chains_that_are_right_step_by_step) {
  std::size_t equations = 0;
  for (int difficulty = 1; difficulty <= kHardest; ++difficulty) {
    for (std::uint64_t i = 0; i < 60; ++i) {
      const Instance instance = draw(task_, Split::train, 3, i, difficulty);
      EXPECT_EQ(instance.chain.find_first_of("<>"), std::string::npos) << instance.chain;
      for (const auto& sides : equations_in(instance.chain)) {
        ++equations;
        const auto first = read_formula(sides[0]);
        ASSERT_TRUE(first && first->value) << sides[0] << " in\n" << instance.chain;
        for (const std::string& side : sides) {
          const auto formula = read_formula(side);
          ASSERT_TRUE(formula && formula->value) << side << " in\n" << instance.chain;
          EXPECT_TRUE(*formula->value == *first->value) << sides[0] << "=" << side << " in\n"
                                                        << instance.chain;
        }
      }
    }
  }
  RecordProperty("equations", static_cast<int>(equations));
}

/// Letters and digits alone.
std::string bare(const std::string& text) {
  std::string kept;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) kept += c;
  }
  return kept;
}

TEST_P(EveryTask, has_chains_that_arrive_at_the_answer) {
  if (task_.name == "spelling-backwards") return;  // there, letters stand with their numbers
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Instance instance = draw(task_, Split::test, 4, i);
    EXPECT_NE(bare(instance.chain).find(bare(instance.answer)), std::string::npos)
        << instance.answer << " isn't in\n"
        << instance.chain;
  }
}

TEST_P(EveryTask, keeps_training_and_test_questions_apart) {
  std::set<std::string> train, test;
  for (std::uint64_t i = 0; i < 300; ++i) {
    for (const Split side : {Split::train, Split::test}) {
      const Instance instance = draw(task_, side, i % 3, i);
      EXPECT_EQ(split_of(task_, instance), side);
      (side == Split::train ? train : test).insert(instance.content);
    }
  }
  for (const std::string& content : train) EXPECT_EQ(test.count(content), 0u) << content;
}

TEST_P(EveryTask, draws_the_same_whatever_was_drawn_before) {
  const Instance tenth = draw(task_, Split::test, 5, 10);
  for (std::uint64_t i = 0; i < 10; ++i) draw(task_, Split::test, 5, i);
  const Instance again = draw(task_, Split::test, 5, 10);
  EXPECT_EQ(tenth.question, again.question);
  EXPECT_EQ(tenth.answer, again.answer);
  EXPECT_EQ(tenth.chain, again.chain);
  EXPECT_NE(draw(task_, Split::test, 5, 11).content, tenth.content);
  EXPECT_THROW(draw(task_, Split::test, 5, 0, kHardest + 1), Error);
}

TEST_P(EveryTask, has_many_instances_and_trains_on_few) {
  constexpr int kDraws = 3000;
  std::map<std::string, int> contents;
  std::map<std::string, int> answers;
  int training = 0;
  for (int i = 0; i < kDraws; ++i) {
    Random random(11, 0, static_cast<std::uint64_t>(i) * 4096);
    const Instance instance = task_.generate(random, kDefaultDifficulty);
    ++contents[instance.content];
    ++answers[instance.answer];
    training += split_of(task_, instance) == Split::train ? 1 : 0;
  }
  double pairs = 0;
  for (const auto& [content, count] : contents) pairs += 0.5 * count * (count - 1);
  // As many equal pairs as a space of this size would give; a lower bound of the space.
  const double size = pairs == 0 ? 1e7 : 0.5 * kDraws * (kDraws - 1) / pairs;
  RecordProperty("instances_at_least", std::to_string(size));
  if (task_.train_share == kTrainShare) {
    // 10^6 instances give 4.5 equal pairs; more than 15 would be a smaller space.
    EXPECT_LE(pairs, 15) << "about " << size << " instances";
    EXPECT_LE(training, kDraws / 10 + 60);
  } else {
    EXPECT_LE(training, kDraws / 2 + 90);
  }
  EXPECT_GE(training, kDraws / 20);
  const auto commonest =
      std::max_element(answers.begin(), answers.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const double share = static_cast<double>(commonest->second) / kDraws;
  RecordProperty("commonest_answer", commonest->first + ": " + std::to_string(share));
  EXPECT_LT(share, std::max(0.2, task_.chance + 0.03)) << commonest->first;
}

TEST_P(EveryTask, is_asked_again_with_changed_numbers_and_the_rest_as_before) {
  for (int difficulty = 1; difficulty <= kHardest; ++difficulty) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      const Instance first = draw(task_, Split::train, 3, i, difficulty);
      const Instance next = draw_follow_up(task_, first, Split::train, 3, i);
      EXPECT_EQ(next.question, next.follow_up);
      EXPECT_EQ(next.unsaid, first.unsaid);
      EXPECT_NE(next.content, first.content);
      EXPECT_EQ(next.difficulty, difficulty);
      EXPECT_EQ(split_of(task_, next), Split::train);
      EXPECT_TRUE(verify(task_, next.answer, worked_response(next)).correct);
      EXPECT_EQ(draw_follow_up(task_, first, Split::train, 3, i).question, next.question);
    }
  }
}

TEST_P(EveryTask, leaves_nothing_unsaid_that_changes_the_answer) {
  std::map<std::pair<std::string, std::string>, std::string> answers;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    Random random(12, 0, i * 4096);
    const Instance instance = task_.generate(random, 1);
    if (instance.follow_up.empty()) return;
    const auto [known, added] =
        answers.try_emplace({instance.follow_up, instance.unsaid}, instance.answer);
    // Countdown has several right answers.
    EXPECT_TRUE(added || verify(task_, known->second, worked_response(instance)).correct)
        << instance.follow_up << " after " << instance.unsaid << ": " << instance.answer << ", "
        << known->second;
  }
}

TEST(Tasks, are_mostly_asked_again_in_a_short_form) {
  int short_forms = 0;
  for (const std::string& name : generated_names()) {
    const Instance instance = draw(find_task(name), Split::train, 1, 1);
    short_forms += instance.follow_up.find(instance.question) == std::string::npos ? 1 : 0;
  }
  EXPECT_GE(short_forms, 22);
}

TEST_P(EveryTask, has_chains_short_enough_to_learn_from) {
  double mean = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Instance instance = draw(task_, Split::train, 1, i);
    EXPECT_FALSE(instance.chain.empty());
    mean += static_cast<double>(estimated_tokens(instance.chain)) / 200;
  }
  EXPECT_LE(mean, 600);
}

INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask, ::testing::ValuesIn(generated_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace r1::tasks
