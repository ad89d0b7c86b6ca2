// r1 judge: runs programs against their tests, isolated, and gives verdicts.
#include "tasks/code/judge.h"

#include <cmath>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "command.h"
#include "formats/json.h"
#include "json_lines.h"

namespace r1::app {
namespace {

struct JudgeOptions {
  CommonOptions common;
  bool without_sandbox = false;
};

constexpr const char* kForm = R"json(write lines like {"language":"python","code":"print(1)",)json"
                              R"json("tests":[{"stdin":"","stdout":"1"}]})json";

/// A number between the bounds, or `fallback` where it is absent.
double number_of(const nlohmann::json& object, const char* name, double fallback, double least,
                 double most, const std::string& where) {
  const auto value = object.find(name);
  if (value == object.end() || value->is_null()) return fallback;
  if (!value->is_number() || !(value->get<double>() >= least) || !(value->get<double>() <= most)) {
    throw Error(where, std::string("\"") + name + "\" is no number it can be",
                "give one from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value->get<double>();
}

Submission submission_of(const nlohmann::json& line, const std::string& where) {
  if (!line.is_object()) throw Error(where, "it is no JSON object", kForm);
  Submission submission;
  const std::string language = text_field(line, "language", where, kForm);
  if (language == "cpp" || language == "c++") {
    submission.language = Language::cpp;
  } else if (language != "python") {
    throw Error(where, "the language \"" + language + "\" is unknown", "use python or cpp");
  }
  submission.code = text_field(line, "code", where, kForm);
  if (const auto tests = line.find("tests"); tests != line.end() && !tests->is_null()) {
    if (!tests->is_array()) throw Error(where, "\"tests\" is no list", kForm);
    for (const nlohmann::json& test : *tests) {
      if (!test.is_object()) throw Error(where, "a test is no JSON object", kForm);
      submission.tests.push_back(
          {text_field(test, "stdin", where, kForm), text_field(test, "stdout", where, kForm)});
    }
  }
  if (line.contains("test_code") && !line["test_code"].is_null()) {
    submission.test_code = text_field(line, "test_code", where, kForm);
  }
  if (!submission.tests.empty() && !submission.test_code.empty()) {
    throw Error(where, "it has both \"tests\" and \"test_code\"", "give one of the two");
  }
  submission.seconds = number_of(line, "time_limit_s", submission.seconds, 0.01, 3600, where);
  constexpr double kMegabyte = 1 << 20;
  const double megabytes =
      number_of(line, "memory_limit_mb", static_cast<double>(submission.memory) / kMegabyte, 16,
                1 << 20, where);
  submission.memory = static_cast<std::int64_t>(megabytes * kMegabyte);
  return submission;
}

std::string text_of(const Judgement& judgement, bool as_json) {
  if (!as_json) {
    return std::string(name_of(judgement.verdict)) + ", " + std::to_string(judgement.passed) +
           " of " + std::to_string(judgement.total) + " passed";
  }
  return json_text(nlohmann::ordered_json{{"verdict", name_of(judgement.verdict)},
                                          {"passed", judgement.passed},
                                          {"total", judgement.total},
                                          {"stderr", judgement.errors},
                                          {"seconds", judgement.seconds},
                                          {"memory_mb", judgement.peak_memory >> 20}});
}

/// Lines in, verdicts out in the same order, several judged at a time.
class Lines {
 public:
  Lines(const Sandbox& sandbox, bool as_json) : sandbox_(sandbox), as_json_(as_json) {}

  /// Until no line is left or something fails; called by each of the threads.
  void work() {
    std::string text;
    for (std::int64_t number = 0; next(text, number);) {
      try {
        if (text.find_first_not_of(" \t\r") == std::string::npos) {
          print(number, {});
          continue;
        }
        const std::string where = "line " + std::to_string(number) + " of the input";
        const Submission submission = submission_of(parse_json(text, where), where);
        print(number, text_of(judge_program(submission, sandbox_), as_json_) + "\n");
      } catch (...) {
        const std::lock_guard lock(reading_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
  }

  void throw_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool next(std::string& text, std::int64_t& number) {
    const std::lock_guard lock(reading_);
    if (failure_ || !std::getline(std::cin, text)) return false;
    number = ++read_;
    return true;
  }

  void print(std::int64_t number, std::string text) {
    const std::lock_guard lock(printing_);
    waiting_[number] = std::move(text);
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == printed_ + 1;
         first = waiting_.erase(first)) {
      std::cout << first->second;
      ++printed_;
    }
    if (!std::cout.flush()) throw Error("standard output", "it can't be written");
  }

  const Sandbox& sandbox_;
  bool as_json_;
  std::mutex reading_, printing_;
  std::exception_ptr failure_;
  std::int64_t read_ = 0, printed_ = 0;
  std::map<std::int64_t, std::string> waiting_;  // judged before an earlier line
};

void judge(const JudgeOptions& options) {
  const Sandbox sandbox(options.without_sandbox ? Sandbox::Isolation::none
                                                : Sandbox::Isolation::bubblewrap);
  Lines lines(sandbox, options.common.json);
  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(threads().size()));
  for (int i = 0; i < threads().size(); ++i) workers.emplace_back([&] { lines.work(); });
  for (std::thread& worker : workers) worker.join();
  lines.throw_failure();
}

}  // namespace

void add_judge(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "judge",
      "run Python and C++ programs against their tests, isolated, and give verdicts; reads "
      "{\"language\":...,\"code\":...,\"tests\":[{\"stdin\":...,\"stdout\":...}]} a line, or "
      "\"test_code\" instead of tests, \"time_limit_s\" and \"memory_limit_mb\"");
  const auto options = std::make_shared<JudgeOptions>();
  add_common_options(command, options->common, "r1 judge --json < submissions.jsonl");
  command.add_flag("--unsafe-run-without-sandbox", options->without_sandbox,
                   "run the programs with all rights of yours: they can read, change, delete and "
                   "send away your files");
  command.callback([options] { judge(*options); });
}

}  // namespace r1::app
