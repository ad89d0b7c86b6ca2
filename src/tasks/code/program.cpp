#include "tasks/code/program.h"

#include <array>
#include <cstdio>
#include <random>
#include <string_view>

#include "tasks/code/precompiled_header.h"

namespace r1 {
namespace {

constexpr double kCompileSeconds = 30;
constexpr std::int64_t kCompileMemory = std::int64_t{2} << 30;
constexpr std::size_t kMessages = 4000;

/// Words that no program can guess.
std::string make_mark() {
  std::random_device random;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "end of tests %08x%08x", random(), random());
  return text.data();
}

/// Test code that ends the program by itself can't be followed by a mark.
bool ends_the_program(std::string_view test_code) {
  for (const std::string_view way : {"exit", "quit(", "unittest", "pytest"}) {
    if (test_code.find(way) != std::string_view::npos) return true;
  }
  return false;
}

Program make_python(const Submission& submission) {
  Program program;
  program.file_name = "main.py";
  program.file = submission.code + "\n";
  if (!submission.test_code.empty()) {
    program.end_mark = make_mark();
    const std::string mark = "\n__import__('os').write(1, b'\\n" + program.end_mark + "\\n')\n";
    const bool early = ends_the_program(submission.test_code);
    program.file += (early ? mark : "") + submission.test_code + (early ? "\n" : mark);
  }
  program.command = {"/usr/bin/python3", "-I", "-B", "../program/main.py"};
  return program;
}

/// In the tests' way: exit() called by the answer doesn't end the program well.
constexpr std::string_view kCppExits = R"(
extern "C" {
[[noreturn]] void __real__exit(int status);
[[noreturn]] static void r1_ended_early(int status) { __real__exit(status == 0 ? 1 : status); }
[[noreturn]] void __wrap_exit(int status) { r1_ended_early(status); }
[[noreturn]] void __wrap__exit(int status) { r1_ended_early(status); }
[[noreturn]] void __wrap__Exit(int status) { r1_ended_early(status); }
[[noreturn]] void __wrap_quick_exit(int status) { r1_ended_early(status); }
}
)";

Program make_cpp(const Submission& submission, const Sandbox& sandbox) {
  Program program;
  program.file_name = "main";
  program.command = {"../program/main"};
  std::string source = submission.code + "\n" + submission.test_code + "\n";
  // The compiled program comes back through stdout: nothing is ever written outside.
  std::string compile;
  for (const std::string& word : cpp_compiler()) compile += word + " ";
  if (!precompiled_headers().empty()) compile += "-I'" + precompiled_headers() + "' ";
  if (!submission.test_code.empty() && !ends_the_program(submission.test_code)) {
    source += kCppExits;
    compile += "-Wl,--wrap=exit,--wrap=_exit,--wrap=_Exit,--wrap=quick_exit ";
  }
  compile += "-o main ../program/main.cpp && cat main";
  SandboxRun run;
  run.command = {"/bin/sh", "-c", compile};
  run.files = {{"main.cpp", source}};
  run.readable_folder = precompiled_headers();
  run.limits.seconds = kCompileSeconds;
  run.limits.memory = kCompileMemory;
  run.limits.disk = std::int64_t{256} << 20;
  run.limits.output = std::int64_t{64} << 20;
  ProcessResult result = sandbox.run(run);
  program.compiled = result.status == 0 && result.stop == ProcessResult::Stop::none;
  program.file = std::move(result.output);
  program.messages = result.errors.substr(0, kMessages);
  if (result.stop == ProcessResult::Stop::time) program.messages += "compiling takes too long\n";
  return program;
}

}  // namespace

Program make_program(const Submission& submission, const Sandbox& sandbox) {
  return submission.language == Language::python ? make_python(submission)
                                                 : make_cpp(submission, sandbox);
}

}  // namespace r1
