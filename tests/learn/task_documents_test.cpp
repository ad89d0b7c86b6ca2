#include "learn/task_documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/threads.h"
#include "tasks/rewards.h"

namespace r1 {
namespace {

TaskDocumentOptions all_tasks(std::int64_t count) {
  TaskDocumentOptions options;
  options.tasks = tasks::find_tasks("all");
  options.count = count;
  return options;
}

TEST(TaskDocuments, are_the_same_wherever_they_are_made) {
  TaskDocumentOptions options = all_tasks(200);
  options.follow_ups = 0.5;
  set_threads(2);
  const auto together = task_documents(options, 9);
  ASSERT_EQ(together.size(), 200u);
  for (const std::int64_t index : {0, 1, 77, 199}) {
    const TaskDocument alone = task_document(options, 9, index);
    const TaskDocument& other = together[static_cast<std::size_t>(index)];
    ASSERT_EQ(alone.size(), other.size());
    EXPECT_EQ(alone[0].question, other[0].question);
    EXPECT_EQ(alone.back().response, other.back().response);
  }
  EXPECT_NE(task_document(options, 10, 0)[0].question, together[0][0].question);
}

TEST(TaskDocuments, are_right_and_show_their_chains_or_the_answer_alone) {
  TaskDocumentOptions options = all_tasks(1);
  const auto kinds = static_cast<std::int64_t>(options.tasks.size());
  for (const Solution solution : {Solution::chain, Solution::answer}) {
    options.solution = solution;
    for (std::int64_t i = 0; i < kinds; ++i) {
      const std::string response = task_document(options, 1, i)[0].response;
      EXPECT_EQ(response.starts_with("<think>\n"), solution == Solution::chain) << response;
      EXPECT_NE(response.find("The answer is \\boxed{"), std::string::npos);
    }
  }
}

TEST(TaskDocuments, come_in_the_difficulties_that_are_asked_for) {
  TaskDocumentOptions options = all_tasks(1);
  options.tasks = tasks::find_tasks("long-addition");
  // Numbers of the easiest and of the usual questions differ in length.
  const auto mean_length = [&](std::vector<double> weights) {
    options.difficulties = std::move(weights);
    std::size_t length = 0;
    for (std::int64_t i = 0; i < 100; ++i)
      length += task_document(options, 2, i)[0].response.size();
    return length / 100;
  };
  const std::size_t easy = mean_length({1}), usual = mean_length({0, 0, 1});
  const std::size_t mixed = mean_length({1, 0, 1});
  EXPECT_LT(easy, mixed);
  EXPECT_LT(mixed, usual);
}

TEST(TaskDocuments, of_tries_are_right_as_arithmetic_and_as_answers_only_by_chance) {
  TaskDocumentOptions options = all_tasks(1);
  options.tasks = tasks::find_tasks("countdown");
  options.difficulties = {0, 0, 1};
  options.solution = Solution::tries;
  int hits = 0;
  std::set<std::size_t> lengths;
  for (std::int64_t i = 0; i < 300; ++i) {
    const std::string response = task_document(options, 6, i)[0].response;
    const tasks::Instance instance =
        tasks::draw(options.tasks[0], tasks::Split::train, 6, static_cast<std::uint64_t>(i), 3);
    EXPECT_EQ(tasks::format_reward(tasks::ResponseForm::tags, response), 1.0) << response;
    hits += tasks::verify(options.tasks[0], instance.answer, response).correct ? 1 : 0;
    lengths.insert(static_cast<std::size_t>(std::count(response.begin(), response.end(), '\n')));
  }
  EXPECT_LT(hits, 60);  // of 300
  EXPECT_GT(hits, 0);
  EXPECT_GT(lengths.size(), 10u);
}

TEST(TaskDocuments, are_conversations_as_often_as_is_asked_for) {
  TaskDocumentOptions options = all_tasks(1);
  options.difficulties = {0, 0, 1};
  options.follow_ups = 0.3;
  int conversations = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const TaskDocument document = task_document(options, 4, i);
    ASSERT_LE(document.size(), 2u);
    if (document.size() < 2) continue;
    ++conversations;
    EXPECT_TRUE(document[1].response.starts_with("<think>\n")) << document[1].response;
    EXPECT_NE(document[0].question, document[1].question);
  }
  EXPECT_NEAR(conversations, 300, 60);
}

TEST(TaskDocuments, decline_what_is_no_task_where_that_is_among_the_tasks) {
  TaskDocumentOptions options = all_tasks(1);
  options.tasks.push_back(tasks::find_task("declining"));
  const auto kinds = static_cast<std::int64_t>(options.tasks.size());
  std::set<std::string> questions;
  for (std::int64_t i = 0; i < 400; ++i) {
    const TaskDocument document = task_document(options, 4, i * kinds + kinds - 1);
    questions.insert(document[0].question);
    EXPECT_TRUE(tasks::verify(options.tasks.back(), "declined", document[0].response).correct)
        << document[0].response;
  }
  EXPECT_GT(questions.size(), 250u);
}

/// No question to learn is one to be measured by, under any seed.
TEST(TaskDocuments, never_hold_a_question_of_the_test_side) {
  TaskDocumentOptions options = all_tasks(1);
  options.difficulties = {0, 0, 1};
  options.follow_ups = 1;
  options.tasks.push_back(tasks::find_task("declining"));
  const auto kinds = static_cast<std::int64_t>(options.tasks.size());
  std::set<std::string> measured;
  for (const tasks::Task& task : options.tasks) {
    for (std::uint64_t i = 0; i < 40; ++i) {
      const tasks::Instance instance = tasks::draw(task, tasks::Split::test, 1, i);
      measured.insert(instance.question);
      // With something unsaid, the same words may ask for something else.
      if (instance.unsaid.empty()) measured.insert(instance.follow_up);
    }
  }
  for (std::int64_t i = 0; i < 40 * kinds; ++i) {
    for (const Turn& turn : task_document(options, 3, i)) {
      EXPECT_FALSE(measured.contains(turn.question)) << turn.question;
    }
  }
}

}  // namespace
}  // namespace r1
