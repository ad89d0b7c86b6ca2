#include "tasks/code/judge.h"

#include <algorithm>
#include <array>

#include "tasks/code/output_comparison.h"
#include "tasks/code/program.h"

namespace r1 {
namespace {

constexpr std::size_t kErrors = 4000;      // bytes of stderr that are kept
constexpr double kAlmostAll = 0.9;         // of the memory limit
constexpr int kCpuLimitSignal = 128 + 24;  // SIGXCPU

std::string end_of(const std::string& text) {
  return text.size() <= kErrors ? text : "..." + text.substr(text.size() - kErrors);
}

std::string_view last_line(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \n\r\t") + 1);
  return text.substr(text.rfind('\n') + 1);
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto word) { return text.find(word) != std::string_view::npos; });
}

/// Python's message on a program that it can't read has no traceback.
bool isnt_python(std::string_view errors) {
  const std::string_view line = last_line(errors);
  const bool unreadable = line.starts_with("SyntaxError") || line.starts_with("IndentationError") ||
                          line.starts_with("TabError");
  return unreadable && !mentions(errors, {"Traceback"});
}

/// What a run by itself says, before its output is looked at.
Verdict verdict_of(const ProcessResult& result, const Submission& submission) {
  using Stop = ProcessResult::Stop;
  if (result.stop == Stop::time || result.status == kCpuLimitSignal) return Verdict::time_limit;
  if (result.stop == Stop::memory) return Verdict::memory_limit;
  if (result.stop == Stop::output) return Verdict::runtime_error;
  if (result.seconds > submission.seconds) return Verdict::time_limit;
  if (result.status == 0) return Verdict::accepted;
  const std::string_view line = last_line(result.errors);
  if (submission.language == Language::python && isnt_python(result.errors)) {
    return Verdict::compile_error;
  }
  const bool almost_all =
      static_cast<double>(result.peak_memory) > kAlmostAll * static_cast<double>(submission.memory);
  if (almost_all || line.starts_with("MemoryError") || mentions(line, {"std::bad_alloc"})) {
    return Verdict::memory_limit;
  }
  if (!submission.test_code.empty() &&
      (line.starts_with("AssertionError") || mentions(line, {"Assertion `"}))) {
    return Verdict::wrong_answer;
  }
  return Verdict::runtime_error;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "accepted", "wrong answer", "time limit", "memory limit", "runtime error", "compile error"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Judgement judge_program(const Submission& submission, const Sandbox& sandbox) {
  Judgement judgement;
  const bool by_output = !submission.tests.empty();
  judgement.total = by_output ? static_cast<std::int64_t>(submission.tests.size()) : 1;
  const Program program = make_program(submission, sandbox);
  if (!program.compiled) {
    judgement.verdict = Verdict::compile_error;
    judgement.errors = program.messages;
    return judgement;
  }
  SandboxRun run;
  run.command = program.command;
  run.files = {{program.file_name, program.file, submission.language == Language::cpp}};
  run.limits.seconds = submission.seconds;
  run.limits.memory = submission.memory;
  for (std::int64_t i = 0; i < judgement.total; ++i) {
    const ProgramTest* test = by_output ? &submission.tests[static_cast<std::size_t>(i)] : nullptr;
    run.input = test != nullptr ? test->input : std::string();
    const ProcessResult result = sandbox.run(run);
    judgement.seconds = std::max(judgement.seconds, result.seconds);
    judgement.peak_memory = std::max(judgement.peak_memory, result.peak_memory);
    judgement.errors = end_of(result.errors);
    judgement.verdict = verdict_of(result, submission);
    if (result.stop == ProcessResult::Stop::output) judgement.errors += "\n(too much output)";
    if (judgement.verdict != Verdict::accepted) return judgement;
    if (test != nullptr && !same_output(test->output, result.output)) {
      judgement.verdict = Verdict::wrong_answer;
      return judgement;
    }
    if (!program.end_mark.empty() && result.output.find(program.end_mark) == std::string::npos) {
      judgement.verdict = Verdict::runtime_error;
      judgement.errors += "\n(the answer ended the program before the tests were through)";
      return judgement;
    }
    ++judgement.passed;
  }
  return judgement;
}

}  // namespace r1
