#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "tasks/task.h"
#include "temporary_folder.h"

namespace r1::tasks {
namespace {

TEST(Gsm8k, reads_the_published_form) {
  const TemporaryFolder folder;
  write_file(folder / "train.jsonl",
             "{\"question\":\"Q1\",\"answer\":\"2+3=<<2+3=5>>5 eggs\\n#### 1,005\"}\n\n"
             "{\"problem\":\"Q2\",\"answer\":\"7\",\"solution\":\"easy\"}\n");
  const Task task = find_task("gsm8k", folder.path());
  std::set<std::string> questions;
  for (std::uint64_t i = 0; i < 2; ++i) {
    const Instance instance = draw(task, Split::train, 1, i);
    questions.insert(instance.question);
    if (instance.question != "Q1") continue;
    EXPECT_EQ(instance.answer, "1,005");
    EXPECT_EQ(instance.chain, "2+3=5 eggs");
    EXPECT_TRUE(verify(task, instance.answer, "so \\boxed{1005}").correct);
    EXPECT_TRUE(verify(task, instance.answer, "The answer is $1,005.").correct);
    EXPECT_FALSE(verify(task, instance.answer, "so \\boxed{1004}").correct);
  }
  EXPECT_EQ(questions.size(), 2u) << "each question comes once before one comes again";
  EXPECT_THROW(draw(task, Split::test, 1, 0), Error) << "there is no file of test questions";
}

TEST(Gsm8k, names_the_line_that_is_damaged) {
  const TemporaryFolder folder;
  write_file(folder / "test.jsonl", "{\"question\":\"Q1\",\"answer\":\"5\"}\n{\"question\":7}\n");
  try {
    draw(find_task("gsm8k", folder.path()), Split::test, 1, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("test.jsonl:2"), std::string::npos) << error.what();
  }
  EXPECT_THROW(draw(find_task("gsm8k"), Split::test, 1, 0), Error);
}

TEST(Gsm8k, accepts_the_published_solutions) {
  const std::string folder = std::string(R1_SHARED) + "/datasets";
  if (!std::filesystem::exists(folder + "/gsm8k_test.jsonl")) {
    GTEST_SKIP() << "needs R1_SHARED with datasets";
  }
  const Task task = find_task("gsm8k", folder);
  std::set<std::string> questions;
  for (std::uint64_t i = 0; i < 1319; ++i) {
    const Instance instance = draw(task, Split::test, 3, i);
    questions.insert(instance.question);
    EXPECT_TRUE(verify(task, instance.answer, worked_response(instance)).correct);
  }
  EXPECT_EQ(questions.size(), 1319u);
}

}  // namespace
}  // namespace r1::tasks
