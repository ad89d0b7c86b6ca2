// LiveCodeBench from made-up rows of the data set's own form.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "error_of.h"
#include "evaluate/packed_text.h"
#include "evaluate/suite.h"
#include "formats/json.h"
#include "tasks/code/sandbox.h"
#include "temporary_folder.h"

namespace r1::evaluate {
namespace {

namespace fs = std::filesystem;

/// What Python 3.11 makes of two tests, by pickle protocol 2 to 5.
const std::vector<std::string> kPacked = {
    "eJxrYIpoYWBgiK5WyswrKC1RslJQMorJM1Uwi8kzVACylHQUlPJLS6BShoYxecYQwZLU4pKSyoJUkHBxSUpmnlKtjgKS"
    "KUCVuiYKJugmGODUHVvIoAcAZa4psw==",
    "eJxrYI5oYWBgiK5WyswrKC1RslJQMorJM1Uwi8kzVACylHQUlPJLS6BShoYxecYQwZLU4pKSyoJUkHBxSUpmnlKtjgKS"
    "KUCVuiYKJugmGODUHVvIoAcAZjsptA==",
    "eJxrYJnawQABPS3R1UqZeQWlJUpWCkpGMXmmCmYxeYYKQJaSjoJSfmkJVMrQMCbPGCJYklpcUlJZkAoSLi5JycxTqtVR"
    "QDIFqFLXRMEE3QQDnLpjp+gBAPqWKyk=",
    "eJxrYJ3awQABPS3R1UqZeQWlJUpWCkpGMXmmCmYxeYYKQJaSjoJSfmkJVMrQMCbPGCJYklpcUlJZkAoSLi5JycxTqtVR"
    "QDIFqFLXRMEE3QQDnLpjp+gBAPsoKyo="};
constexpr const char* kTests =
    R"([{"input": "2\n5 6\n1 2\n", "output": "11\n3\n", "testtype": "stdin"}, )"
    R"({"input": "1\n-4 4\n", "output": "0\n", "testtype": "stdin"}])";

TEST(PackedText, is_what_python_packed) {
  for (const std::string& packed : kPacked) EXPECT_EQ(unpack_text(packed, "row"), kTests);
  EXPECT_EQ(unpack_text(kPacked[0] + "\n", "row"), kTests);
}

TEST(PackedText, of_many_bytes_stands_outside_of_pickles_frames) {
  const std::string text = unpack_text(
      "eNrtyLEJwlAUAEAFF3CDz6tFiHaZRDDpTJHmG8hLISI4hGu4o4grWN6V99yc3tv16nyPsU5LRlui6WpT" +
          std::string(89, 'A') + "ID/O3Q1diWuS05LRlvi+Isc5szbNHxrzstY49G/9h9Xc0UU",
      "row");
  EXPECT_EQ(text.size(), 70061u);
}

TEST(PackedText, that_would_run_something_or_is_damaged_is_refused) {
  const auto fault = [](const std::string& packed) {
    return error_of([&] { unpack_text(packed, "row 7"); });
  };
  // os.system("echo hi"); a list.
  const std::string runs =
      fault("eJxrYJmqxAABPawF+cWZFVN62Iori0tSc6dMntLDnpqcka+QkTmldUrQFD0ALSYPag==");
  EXPECT_NE(runs.find("row 7"), std::string::npos) << runs;
  EXPECT_NE(runs.find("may run"), std::string::npos) << runs;
  EXPECT_NE(fault("eJxrYJnKxgABsVO8GRP1ABkRAuw="), "");
  for (const std::string& packed : kPacked) {
    for (std::size_t size = 0; size + 8 < packed.size(); ++size) {
      EXPECT_NE(fault(packed.substr(0, size)), "") << size;
    }
  }
  EXPECT_NE(fault("nothing packed!"), "");
}

nlohmann::json row(const std::string& id, const std::string& day) {
  return {{"question_title", "Sums"},
          {"question_content", "Print the sum of each pair."},
          {"platform", "atcoder"},
          {"question_id", id},
          {"contest_id", "abc1"},
          {"contest_date", day + "T00:00:00"},
          {"starter_code", ""},
          {"difficulty", "easy"},
          {"public_test_cases", R"([{"input":"1\n1 2\n","output":"3\n","testtype":"stdin"}])"},
          {"private_test_cases", kPacked[2]},
          {"metadata", "{}"}};
}

nlohmann::json method_row() {
  nlohmann::json method = row("3700", "2024-12-21");
  method["starter_code"] =
      "class Solution:\n    def pairUp(self, names: List[str], n: int) -> List[str]:\n        ";
  method["public_test_cases"] =
      json_text(nlohmann::json{{{"input", "[\"a b\", \"c\"]\n2"},
                                {"output", "[\"a b c\", 2.5, true, null, []]"},
                                {"testtype", "functional"}}});
  method["private_test_cases"] =
      json_text(nlohmann::json{{{"input", "[\"\\u00e9\"]\n0"},
                                {"output", "[\"\\u00e9\", 0.0, false, null, []]"},
                                {"testtype", "functional"}}});
  method["metadata"] = R"({"func_name": "pairUp"})";
  return method;
}

class LiveCodeBench : public testing::Test {
 protected:
  LiveCodeBench() { fs::create_directory(folder_ / "code_generation_lite"); }

  void write(const std::string& name, const std::vector<nlohmann::json>& rows) {
    std::string text;
    for (const nlohmann::json& one : rows) text += json_text(one) + "\n";
    write_file(folder_ / "code_generation_lite" / name, text);
  }
  std::vector<Question> load() {
    return find_suites("livecodebench").front().load({folder_.path(), []() -> const Sandbox& {
                                                        static const Sandbox sandbox;
                                                        return sandbox;
                                                      }});
  }
  static bool has_sandbox() {
    return error_of([] { const Sandbox sandbox; }).empty();
  }

  TemporaryFolder folder_;
};

TEST_F(LiveCodeBench, has_the_problems_of_r1s_months_from_all_files) {
  write("test.jsonl", {row("early", "2024-07-31"), row("first", "2024-08-01")});
  write("test2.jsonl",
        {row("last", "2025-01-31"), row("late", "2025-02-01"), row("first", "2024-08-01")});
  const std::vector<Question> questions = load();
  ASSERT_EQ(questions.size(), 2u);
  EXPECT_EQ(questions[0].id, "first");
  EXPECT_EQ(questions[1].id, "last");
  EXPECT_EQ(questions[0].subject, "easy");
  EXPECT_NE(questions[0].text.find("Print the sum"), std::string::npos);
}

TEST_F(LiveCodeBench, may_lie_in_the_folder_itself) {
  fs::remove(folder_ / "code_generation_lite");
  write_file(folder_ / "test.jsonl", json_text(row("only", "2024-10-10")) + "\n");
  EXPECT_EQ(load().size(), 1u);
}

TEST_F(LiveCodeBench, runs_programs_against_public_and_packed_tests) {
  if (!has_sandbox()) GTEST_SKIP() << "this machine doesn't allow a sandbox";
  write("test.jsonl", {row("old", "2023-01-01"), row("a", "2024-09-01")});
  const Question question = load().front();
  const Judged right = question.judge(
      "<think>Hm.</think>\n```python\nfor _ in range(int(input())):\n"
      "    print(sum(map(int, input().split())))\n```");
  EXPECT_EQ(right.score, 1) << right.reason;
  EXPECT_NE(right.reason.find("3 of 3"), std::string::npos) << right.reason;
  // Right in the public test alone.
  const Judged wrong = question.judge("```python\nprint(3)\n```");
  EXPECT_EQ(wrong.score, 0);
  EXPECT_NE(wrong.reason.find("wrong answer, 1 of 3"), std::string::npos) << wrong.reason;
}

TEST_F(LiveCodeBench, calls_the_method_where_there_is_one) {
  if (!has_sandbox()) GTEST_SKIP() << "this machine doesn't allow a sandbox";
  write("test.jsonl", {method_row()});
  const Question question = load().front();
  EXPECT_NE(question.text.find("def pairUp"), std::string::npos);
  const auto with_result = [&](const std::string& result) {
    return question.judge(
        "```python\nclass Solution:\n    def pairUp(self, names: List[str], n: int):\n"
        "        print('noise')\n        return " +
        result + "\n```");
  };
  const Judged right = with_result("(' '.join(names), n * 1.25, n == 2, None, [])");
  EXPECT_EQ(right.score, 1) << right.reason;
  EXPECT_EQ(with_result("[' '.join(names), n * 1.25, True, None, []]").score, 0);
  EXPECT_EQ(with_result("[' '.join(names), n * 1.25, n == 2, None]").score, 0);
  EXPECT_EQ(with_result("[''.join(names), n * 1.25, n == 2, None, []]").score, 0);
  EXPECT_EQ(with_result("None").score, 0);
  EXPECT_EQ(question.judge("```python\ndef other(): pass\n```").score, 0);
}

TEST_F(LiveCodeBench, says_what_is_wrong_with_its_files) {
  EXPECT_NE(error_of([&] { load(); }).find("test.jsonl"), std::string::npos);
  write("test.jsonl", {row("early", "2023-07-31")});
  EXPECT_NE(error_of([&] { load(); }).find("August 2024"), std::string::npos);
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, nlohmann::json>>{{"metadata", "{"},
                                                           {"metadata", R"({"func_name":"a b"})"},
                                                           {"contest_date", 7},
                                                           {"private_test_cases", nullptr},
                                                           {"question_id", nullptr}}) {
    nlohmann::json broken = row("a", "2024-09-01");
    broken[field] = value;
    write("test.jsonl", {broken});
    EXPECT_NE(error_of([&] { load(); }), "") << field;
  }
  // What is packed is looked at when it is needed.
  nlohmann::json broken = row("a", "2024-09-01");
  broken["private_test_cases"] = "eJxrYJnKxgABsVO8GRP1ABkRAuw=";
  write("test.jsonl", {broken});
  const Question question = load().front();
  EXPECT_NE(
      error_of([&] { question.judge("```python\nprint(1)\n```"); }).find("private_test_cases"),
      std::string::npos);
}

}  // namespace
}  // namespace r1::evaluate
