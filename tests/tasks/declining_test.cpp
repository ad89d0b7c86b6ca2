// Prompts that are none of the tasks, and what counts as declining them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tasks/task.h"

namespace r1::tasks {
namespace {

bool declines(const std::string& response) {
  return verify(find_task("declining"), "declined", response).correct;
}

TEST(Declining, is_no_part_of_all_tasks) {
  for (const Task& task : find_tasks("all")) EXPECT_NE(task.name, "declining");
  EXPECT_EQ(find_tasks("all,declining").size(), find_tasks("all").size() + 1);
}

TEST(Declining, has_thousands_of_prompts_and_keeps_things_apart_that_are_measured) {
  const Task task = find_task("declining");
  std::set<std::string> prompts, train, test;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const Instance instance = draw(task, Split::train, 1, i);
    prompts.insert(instance.question);
    train.insert(instance.content);
  }
  for (std::uint64_t i = 0; i < 500; ++i) test.insert(draw(task, Split::test, 1, i).content);
  EXPECT_GT(prompts.size(), 2000u);
  EXPECT_GT(test.size(), 100u);
  for (const std::string& content : test) EXPECT_FALSE(train.contains(content)) << content;
}

TEST(Declining, its_worked_responses_decline_in_a_sentence_or_two) {
  const Task task = find_task("declining");
  for (const Split side : {Split::train, Split::test}) {
    for (std::uint64_t i = 0; i < 500; ++i) {
      const Instance instance = draw(task, side, 2, i);
      const std::string response = worked_response(instance);
      EXPECT_TRUE(declines(response)) << response;
      EXPECT_EQ(response.find("\\boxed"), std::string::npos);
      EXPECT_EQ(instance.question.find('{'), std::string::npos) << instance.question;
      EXPECT_LE(std::count(instance.reply.begin(), instance.reply.end(), '.'), 2);
    }
  }
}

TEST(Declining, takes_other_words_for_it) {
  for (const char* response :
       {"I cannot help with that.", "<think>\nNo task.\n</think>\n\nSorry, I don't know.",
        "Hm.\n</think>\n\nI\xe2\x80\x99m unable to write poems.",
        "\n</think>\n\nI can only do arithmetic, such as 3+4=7."}) {
    EXPECT_TRUE(declines(response)) << response;
  }
}

TEST(Declining, refuses_answers_and_unfinished_thoughts) {
  for (const Task& task : find_tasks("all")) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      const Instance instance = draw(task, Split::test, 1, i);
      EXPECT_FALSE(declines(worked_response(instance)));
      EXPECT_FALSE(declines(instance.answer)) << instance.answer;
      EXPECT_FALSE(declines("I can't say more: \\boxed{" + instance.answer + "}"));
    }
  }
  for (const std::string& response :
       {std::string(), std::string("Paris."), std::string("<think>\nI am sorry, I can't."),
        std::string("I am sorry, the answer is Paris."), std::string("Roses are red."),
        std::string("The only natural satellite is the Moon."),
        "I can only say: " + std::string(500, 'a')}) {
    EXPECT_FALSE(declines(response)) << response;
  }
}

}  // namespace
}  // namespace r1::tasks
