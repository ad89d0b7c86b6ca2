// Reference solutions of public sets are accepted and broken ones refused; read from the folder
// R1_SHARED. A part of each set, or all of it where the environment has R1_WHOLE_CORPORA=1.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "tasks/code/judge.h"

namespace r1 {
namespace {

using nlohmann::json;

/// Every `step`th row.
std::vector<json> rows_of(const std::string& name, std::size_t step) {
  const char* whole = std::getenv("R1_WHOLE_CORPORA");
  if (whole != nullptr && std::string(whole) == "1") step = 1;
  std::vector<json> rows;
  std::ifstream file(std::filesystem::path(R1_SHARED) / "datasets" / name);
  std::size_t number = 0;
  for (std::string line; std::getline(file, line); ++number) {
    if (number % step == 0) rows.push_back(json::parse(line));
  }
  return rows;
}

struct Case {
  std::string name;
  Submission right, broken;
};

void expect_verdicts(const std::vector<Case>& cases) {
  if (cases.empty()) GTEST_SKIP() << "R1_SHARED has no such data set";
  std::unique_ptr<Sandbox> sandbox;
  try {
    sandbox = std::make_unique<Sandbox>();
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  std::mutex printing;
  std::atomic<int> accepted = 0, refused = 0;
  threads().parallel_for(static_cast<std::int64_t>(cases.size()), [&](std::int64_t i, int) {
    const Case& one = cases[static_cast<std::size_t>(i)];
    const Judgement right = judge_program(one.right, *sandbox);
    const Judgement broken = judge_program(one.broken, *sandbox);
    accepted += right.verdict == Verdict::accepted ? 1 : 0;
    refused += broken.verdict != Verdict::accepted ? 1 : 0;
    const std::lock_guard lock(printing);
    EXPECT_EQ(name_of(right.verdict), "accepted") << one.name << "\n" << right.errors;
    EXPECT_NE(name_of(broken.verdict), "accepted") << one.name;
  });
  std::printf("%d of %zu accepted, %d broken ones refused\n", accepted.load(), cases.size(),
              refused.load());
}

/// The program with its tests turned round, so that what was right is wrong.
Submission with_tests(Language language, const std::string& code, const std::string& tests,
                      double seconds = 15) {
  return {language, code, {}, tests, seconds, std::int64_t{2} << 30};
}

TEST(Corpora, humaneval) {
  std::vector<Case> cases;
  for (const json& row : rows_of("humaneval.jsonl", 20)) {
    const std::string prompt = row["prompt"], solution = row["canonical_solution"];
    const std::string entry = row["entry_point"];
    const std::string tests = row["test"].get<std::string>() + "\ncheck(" + entry + ")\n";
    const std::string broken = "\ndef " + entry + "(*arguments): return NotImplemented\n";
    cases.push_back({row["task_id"], with_tests(Language::python, prompt + solution, tests),
                     with_tests(Language::python, prompt + solution + broken, tests)});
  }
  expect_verdicts(cases);
}

TEST(Corpora, mbpp) {
  std::vector<Case> cases;
  for (const json& row : rows_of("mbpp.jsonl", 100)) {
    std::string tests = row["test_setup_code"].get<std::string>() + "\n";
    for (const std::string line : row["test_list"]) tests += line + "\n";
    const std::string code = row["code"];
    // The name that the first test calls.
    std::string broken = code;
    std::size_t at = 0;
    while ((at = code.find("def ", at)) != std::string::npos) {
      const std::size_t end = code.find('(', at);
      std::string name = code.substr(at + 4, end - at - 4);
      while (name.ends_with(' ')) name.pop_back();
      if (row["test_list"][0].get<std::string>().find(name) != std::string::npos) {
        broken += "\ndef " + name + "(*arguments): return NotImplemented\n";
      }
      at = end;
    }
    cases.push_back({"MBPP " + row["task_id"].dump(), with_tests(Language::python, code, tests),
                     with_tests(Language::python, broken, tests)});
  }
  expect_verdicts(cases);
}

TEST(Corpora, humaneval_in_cpp) {
  // Those that need libraries besides the language's: OpenSSL, Boost.
  const std::set<std::string> left_out = {"CPP/162", "CPP/22", "CPP/137"};
  std::vector<Case> cases;
  for (const json& row : rows_of("humanevalx_cpp.jsonl", 40)) {
    if (left_out.contains(row["task_id"].get<std::string>())) continue;
    const std::string code = "#include <bits/stdc++.h>\n" + row["prompt"].get<std::string>() +
                             row["canonical_solution"].get<std::string>();
    const std::string tests = row["test"];
    // The first assertion made false.
    std::string turned = tests;
    for (const std::string assertion : {"assert (", "assert(", "assert  ("}) {
      const std::size_t at = turned.find(assertion);
      if (at == std::string::npos) continue;
      turned.replace(at, assertion.size(), "assert (false && ");
      break;
    }
    cases.push_back({row["task_id"], with_tests(Language::cpp, code, tests),
                     with_tests(Language::cpp, code, turned)});
  }
  expect_verdicts(cases);
}

TEST(Corpora, leetcode) {
  std::vector<Case> cases;
  for (const json& row : rows_of("leetcodedataset_test.jsonl", 40)) {
    if (row["task_id"] == "find-the-number-of-subsequences-with-equal-gcd") continue;  // a minute
    const std::string code =
        row["prompt"].get<std::string>() + "\n" + row["completion"].get<std::string>();
    const std::string entry = row["entry_point"];
    const std::string tests = row["test"].get<std::string>() + "\ncheck(" + entry + ")\n";
    // A solution whose method is there and gives nothing.
    const std::string method = entry.substr(entry.find('.') + 1);
    const std::string broken =
        "\nclass Solution:\n    def " + method + "(self, *a, **k): return NotImplemented\n";
    cases.push_back({row["task_id"], with_tests(Language::python, code, tests, 120),
                     with_tests(Language::python, code + broken, tests, 120)});
  }
  expect_verdicts(cases);
}

}  // namespace
}  // namespace r1
