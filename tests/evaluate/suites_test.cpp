// Every suite loads, accepts a right answer and refuses a wrong one.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "evaluate/final_answer.h"
#include "evaluate/multiple_choice.h"
#include "evaluate/suite.h"
#include "tasks/code/sandbox.h"
#include "temporary_folder.h"

namespace r1::evaluate {
namespace {

Sources shared_sources() {
  return {std::filesystem::path(R1_SHARED) / "datasets", []() -> const Sandbox& {
            static const Sandbox sandbox;
            return sandbox;
          }};
}

std::vector<Question> load(const std::string& name) {
  return find_suites(name).front().load(shared_sources());
}

bool has_shared() {
  return std::filesystem::exists(std::filesystem::path(R1_SHARED) / "datasets/aime_2024.jsonl");
}

#define NEED_SHARED() \
  if (!has_shared()) GTEST_SKIP() << "R1_SHARED has no datasets"

TEST(Suites, have_as_many_questions_as_is_published_with_ids_of_their_own) {
  NEED_SHARED();
  const std::pair<const char*, std::size_t> expected[] = {
      {"aime2024", 30},     {"aime2025", 30},      {"amc2023", 40},        {"math500", 500},
      {"gsm8k", 1319},      {"minerva", 272},      {"olympiadbench", 675}, {"hmmt2025", 30},
      {"olymmath", 200},    {"humaneval", 164},    {"mbpp", 500},          {"humaneval-cpp", 164},
      {"leetcode", 228},    {"codecontests", 165}, {"codeforces", 408},    {"mmlu", 14042},
      {"mmlu-redux", 5432}, {"bbh", 6511},         {"knights", 500}};
  for (const auto& [name, count] : expected) {
    const std::vector<Question> questions = load(name);
    EXPECT_EQ(questions.size(), count) << name;
    std::set<std::string> ids;
    for (const Question& question : questions) ids.insert(question.id);
    EXPECT_EQ(ids.size(), count) << name;
  }
}

TEST(Suites, of_mathematics_accept_every_gold_answer_in_a_box_and_no_other) {
  NEED_SHARED();
  for (const char* name : {"aime2024", "aime2025", "amc2023", "math500", "hmmt2025", "olymmath"}) {
    std::size_t right = 0;
    const std::vector<Question> questions = load(name);
    for (const Question& question : questions) {
      const Judged judged =
          question.judge("<think>\\boxed{-1}</think>So it is \\boxed{" + question.gold + "}.");
      right += judged.score == 1 ? 1 : 0;
      EXPECT_EQ(question.judge("It is \\boxed{-987654321}.").score, 0) << question.id;
      EXPECT_EQ(question.judge("<think>It is \\boxed{" + question.gold + "}").score, 0);
    }
    EXPECT_EQ(right, questions.size()) << name;
  }
}

TEST(Suites, of_choices_ask_for_a_letter) {
  NEED_SHARED();
  for (const char* name : {"mmlu", "mmlu-redux"}) {
    const Question question = load(name).front();
    EXPECT_NE(question.text.find("A) "), std::string::npos);
    EXPECT_EQ(question.judge("</think>\\boxed{" + question.gold + "}").score, 1);
    const std::string other = question.gold == "A" ? "B" : "A";
    EXPECT_EQ(question.judge("</think>\\boxed{" + other + "}").score, 0);
  }
}

TEST(Suites, big_bench_hard_accepts_its_answers) {
  NEED_SHARED();
  std::size_t right = 0;
  const std::vector<Question> questions = load("bbh");
  for (const Question& question : questions) {
    right += question.judge("\\boxed{" + question.gold + "}").score == 1 ? 1 : 0;
  }
  EXPECT_EQ(right, questions.size());
}

TEST(Suites, knights_and_knaves_need_all_roles) {
  NEED_SHARED();
  const Question question = load("knights").front();  // Amelia and Penelope are knights
  EXPECT_EQ(
      question.judge("\\boxed{Amelia is a knight, Penelope is a knight, Evelyn is a knave}").score,
      1);
  EXPECT_EQ(
      question.judge("(1) Amelia is a knight\n(2) Penelope is a knight\n(3) Evelyn is a knave")
          .score,
      1);
  EXPECT_EQ(
      question.judge("\\boxed{Amelia is a knight, Penelope is a knave, Evelyn is a knave}").score,
      0);
  EXPECT_EQ(question.judge("\\boxed{Amelia is a knight, Penelope is a knight}").score, 0);
  EXPECT_EQ(question
                .judge("Amelia is a knight. Amelia is a knave. Penelope is a knight. Evelyn is a "
                       "knave.")
                .score,
            0);
}

TEST(Suites, of_programs_run_what_stands_in_the_fenced_block) {
  NEED_SHARED();
  try {
    shared_sources().sandbox();
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  const Question question = load("humaneval").front();  // has_close_elements
  const std::string right =
      "Here it is:\n```python\ndef has_close_elements(numbers: List[float], threshold: float) -> "
      "bool:\n    s = sorted(numbers)\n    return any(b - a < threshold for a, b in zip(s, "
      "s[1:]))\n```\nIt sorts.";
  EXPECT_EQ(question.judge(right).score, 1) << question.judge(right).reason;
  const std::string wrong =
      "```python\ndef has_close_elements(numbers, threshold): return True\n```";
  EXPECT_EQ(question.judge(wrong).score, 0);
  EXPECT_EQ(question.judge("I can't.").score, 0);
  const Question contest = load("codeforces").front();  // minimum and maximum
  const std::string answer =
      "```python\nfor _ in range(int(input())):\n    print(*sorted(map(int, "
      "input().split())))\n```";
  EXPECT_EQ(contest.judge(answer).score, 1) << contest.judge(answer).reason;
}

TEST(Suites, gpqa_is_read_from_the_users_own_table) {
  const TemporaryFolder folder;
  write_file(folder / "gpqa_diamond.csv",
             "Record ID,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect "
             "Answer 3,High-level domain\r\n"
             "rec1,\"Which, of these?\nSay \"\"it\"\".\",right,w1,w2,w3,Physics\r\n"
             "rec2,Second?,yes,no,maybe,never,Biology\n");
  const auto questions = find_suites("gpqa").front().load({folder.path(), nullptr});
  ASSERT_EQ(questions.size(), 2u);
  EXPECT_EQ(questions[0].id, "rec1");
  EXPECT_EQ(questions[0].gold, "A");
  EXPECT_NE(questions[0].text.find("Which, of these?\nSay \"it\"."), std::string::npos);
  EXPECT_NE(questions[0].text.find("A) right"), std::string::npos);
  EXPECT_EQ(questions[1].gold, "D");
  EXPECT_NE(questions[1].text.find("D) yes"), std::string::npos);
  EXPECT_EQ(questions[1].judge("The answer is (D).").score, 1);
}

TEST(Suites, say_what_is_wrong_with_their_files) {
  const TemporaryFolder folder;
  const Suite suite = find_suites("aime2024").front();
  EXPECT_THROW(suite.load({folder.path(), nullptr}), Error);
  EXPECT_THROW(suite.load({{}, nullptr}), Error);
  for (const char* text : {"", "[]\n", "{\"id\":1}\n", "{\"id\":\"a\",\"problem\":[]}\n", "{\n"}) {
    write_file(folder / "aime_2024.jsonl", text);
    EXPECT_THROW(suite.load({folder.path(), nullptr}), Error) << text;
  }
  EXPECT_THROW(find_suites("aime2024,nonsense"), Error);
}

TEST(FinalAnswer, letters_are_found_where_responses_put_them) {
  EXPECT_EQ(chosen_letter("The answer is (C).", 4), 'C');
  EXPECT_EQ(chosen_letter("\\boxed{\\text{B}}", 4), 'B');
  EXPECT_EQ(chosen_letter("**Answer: D**", 4), 'D');
  EXPECT_EQ(chosen_letter("<think>A</think>B", 4), 'B');
  EXPECT_EQ(chosen_letter("A dog is an animal. So: C", 4), 'C');
  EXPECT_EQ(chosen_letter("The answer is E", 4), 0);
  EXPECT_EQ(chosen_letter("<think>The answer is B", 4), 0);
  EXPECT_EQ(chosen_letter("none of them", 4), 0);
}

TEST(FinalAnswer, code_is_the_last_block_of_the_language) {
  EXPECT_EQ(last_code_block("```python\na\n```\ntext\n```\nb\n```", "py"), "a\n");
  EXPECT_EQ(last_code_block("```python\na\n```\n```py\nb\n```\n", "py"), "b\n");
  EXPECT_EQ(last_code_block("a = 1", "py"), "a = 1");
  EXPECT_EQ(last_code_block("```cpp\nint x;", "c"), "int x;");
  EXPECT_EQ(last_code_block("```", "py"), "```");
  EXPECT_EQ(last_code_block("```python\n```", "py"), "");
}

}  // namespace
}  // namespace r1::evaluate
