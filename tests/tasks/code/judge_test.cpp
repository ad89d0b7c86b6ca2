// Verdicts on small programs.
#include "tasks/code/judge.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "tasks/code/output_comparison.h"

namespace r1 {
namespace {

class Judge : public testing::Test {
 protected:
  void SetUp() override {
    try {
      sandbox_ = std::make_unique<Sandbox>();
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  Judgement judge(Submission submission) const { return judge_program(submission, *sandbox_); }
  Judgement python(const std::string& code, std::vector<ProgramTest> tests,
                   double seconds = 5) const {
    return judge({Language::python, code, std::move(tests), {}, seconds});
  }
  Judgement cpp(const std::string& code, std::vector<ProgramTest> tests) const {
    return judge({Language::cpp, code, std::move(tests), {}, 5});
  }
  Verdict asserted(const std::string& code, const std::string& test_code,
                   Language language = Language::python) const {
    return judge({language, code, {}, test_code, 5}).verdict;
  }

  std::unique_ptr<Sandbox> sandbox_;
};

const std::vector<ProgramTest> kSums = {{"1 2\n", "3\n"}, {"10 -4\n", "6\n"}, {"0 0", "0"}};

TEST_F(Judge, accepts_python_that_prints_what_it_should) {
  const Judgement judgement = python("print(sum(map(int, input().split())))", kSums);
  EXPECT_EQ(judgement.verdict, Verdict::accepted) << judgement.errors;
  EXPECT_EQ(judgement.passed, 3);
  EXPECT_EQ(judgement.total, 3);
  EXPECT_GT(judgement.peak_memory, 1 << 20);
}

TEST_F(Judge, the_first_test_that_fails_gives_the_verdict) {
  const Judgement judgement =
      python("a, b = map(int, input().split())\nprint(abs(a) + abs(b))", kSums);
  EXPECT_EQ(judgement.verdict, Verdict::wrong_answer);
  EXPECT_EQ(judgement.passed, 1);
  EXPECT_EQ(judgement.total, 3);
}

TEST_F(Judge, python_that_fails_is_a_runtime_error_with_its_traceback) {
  const Judgement judgement = python("print(1 // 0)", kSums);
  EXPECT_EQ(judgement.verdict, Verdict::runtime_error);
  EXPECT_NE(judgement.errors.find("ZeroDivisionError"), std::string::npos);
  EXPECT_EQ(python("import sys; sys.exit(3)", {{"", ""}}).verdict, Verdict::runtime_error);
  EXPECT_EQ(python("import os; os.kill(os.getpid(), 11)", {{"", ""}}).verdict,
            Verdict::runtime_error);
}

TEST_F(Judge, what_is_no_python_is_a_compile_error) {
  EXPECT_EQ(python("print(1", {{"", "1"}}).verdict, Verdict::compile_error);
  EXPECT_EQ(python("if True:\nprint(1)", {{"", "1"}}).verdict, Verdict::compile_error);
  EXPECT_EQ(python("raise SyntaxError", {{"", "1"}}).verdict, Verdict::runtime_error);
}

TEST_F(Judge, limits_have_verdicts_of_their_own) {
  EXPECT_EQ(python("while True: pass", kSums, 0.5).verdict, Verdict::time_limit);
  EXPECT_EQ(python("import time; time.sleep(100)", kSums, 0.5).verdict, Verdict::time_limit);
  // A slow machine takes long to fill the memory.
  EXPECT_EQ(python("x = [0] * (1 << 30)", kSums, 60).verdict, Verdict::memory_limit);
  EXPECT_EQ(python("x = []\nwhile True: x.append('x' * 100000)", kSums, 60).verdict,
            Verdict::memory_limit);
  EXPECT_EQ(python("while True: print('x' * 10000)", kSums, 60).verdict, Verdict::runtime_error);
}

TEST_F(Judge, cpp_has_all_the_verdicts) {
  const std::string start = "#include <bits/stdc++.h>\nusing namespace std;\nint main() { ";
  const Judgement right = cpp(start + "long a, b; cin >> a >> b; cout << a + b; }", kSums);
  EXPECT_EQ(right.verdict, Verdict::accepted) << right.errors;
  EXPECT_EQ(right.passed, 3);
  EXPECT_EQ(cpp(start + "cout << 3; }", kSums).verdict, Verdict::wrong_answer);
  const Judgement broken = cpp(start + "cout << c; }", kSums);
  EXPECT_EQ(broken.verdict, Verdict::compile_error);
  EXPECT_NE(broken.errors.find("not declared"), std::string::npos) << broken.errors;
  EXPECT_EQ(cpp(start + "abort(); }", kSums).verdict, Verdict::runtime_error);
  EXPECT_EQ(cpp(start + "vector<long> v(1l << 40); cout << v.size(); }", kSums).verdict,
            Verdict::memory_limit);
  EXPECT_EQ(cpp(start + "volatile int i = 0; for (;;) i = i + 1; }", {{"", ""}}).verdict,
            Verdict::time_limit);
}

TEST_F(Judge, test_code_passes_when_the_program_ends_well) {
  EXPECT_EQ(asserted("def f(x): return x + 1", "assert f(1) == 2"), Verdict::accepted);
  EXPECT_EQ(asserted("def f(x): return x", "assert f(1) == 2"), Verdict::wrong_answer);
  EXPECT_EQ(asserted("def f(x): return y", "assert f(1) == 2"), Verdict::runtime_error);
  EXPECT_EQ(asserted("def f(x): return x + 1",
                     "import unittest\nclass T(unittest.TestCase):\n    def test(self): "
                     "self.assertEqual(f(1), 2)\nunittest.main()"),
            Verdict::accepted);
  EXPECT_EQ(asserted("int f(int x) { return x + 1; }",
                     "#include <cassert>\nint main() { assert(f(1) == 2); }", Language::cpp),
            Verdict::accepted);
  EXPECT_EQ(asserted("int f(int x) { return x; }",
                     "#include <cassert>\nint main() { assert(f(1) == 2); }", Language::cpp),
            Verdict::wrong_answer);
}

TEST_F(Judge, an_answer_that_ends_the_program_early_has_not_passed) {
  for (const char* way : {"import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit",
                          "exit()", "def f(x): exit(0)", "import os\ndef f(x): os._exit(0)",
                          "import os; os.execv('/bin/true', ['true'])",
                          "import os, signal\nif os.fork(): os._exit(0)"}) {
    EXPECT_NE(asserted(way, "assert f(1) == 2"), Verdict::accepted) << way;
  }
  EXPECT_NE(asserted("import sys; sys.exit(0)", "import unittest\nunittest.main()"),
            Verdict::accepted);
  for (const char* way :
       {"exit(0)", "_exit(0)", "quick_exit(0)", "std::_Exit(0)", "std::exit(0)"}) {
    EXPECT_NE(asserted("#include <cstdlib>\n#include <unistd.h>\nint f(int) { " + std::string(way) +
                           "; }",
                       "#include <cassert>\nint main() { assert(f(1) == 2); }", Language::cpp),
              Verdict::accepted)
        << way;
  }
}

TEST_F(Judge, a_program_without_tests_only_runs) {
  EXPECT_EQ(python("print('anything')", {}).verdict, Verdict::accepted);
  EXPECT_EQ(python("1 / 0", {}).verdict, Verdict::runtime_error);
}

TEST_F(Judge, bytes_are_passed_on_as_they_are) {
  EXPECT_EQ(python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())",
                   {{std::string("a\0\xff\r\n", 5), std::string("a\0\xff", 3)}})
                .verdict,
            Verdict::accepted);
}

TEST(OutputComparison, white_space_and_last_digits_do_not_count) {
  EXPECT_TRUE(same_output("1 2\n3\n", "1 2 \r\n3"));
  EXPECT_TRUE(same_output("", "\n"));
  EXPECT_TRUE(same_output("0.333333333", "0.3333333"));
  EXPECT_TRUE(same_output("1e9", "1000000000.0"));
  EXPECT_TRUE(same_output("-0.0", "0.0000"));
  EXPECT_FALSE(same_output("1", "1.0"));
  EXPECT_FALSE(same_output("1", "2"));
  EXPECT_FALSE(same_output("1 2", "12"));
  EXPECT_FALSE(same_output("1 2", "1"));
  EXPECT_FALSE(same_output("1", "1 2"));
  EXPECT_FALSE(same_output("YES", "yes"));
  EXPECT_FALSE(same_output("0.5", "0.51"));
  EXPECT_FALSE(same_output("0.5", "nan"));
  EXPECT_FALSE(same_output("1000000007", "1000000008"));
}

}  // namespace
}  // namespace r1
