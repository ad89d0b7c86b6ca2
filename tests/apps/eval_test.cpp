// r1 eval as a user and a script call it, whole runs on a small real model.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "run_program.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

const std::string kStories = std::string(R1_SHARED) + "/models/stories260K.gguf";

#define NEED_STORIES() \
  if (!fs::exists(kStories)) GTEST_SKIP() << "R1_SHARED has no models/stories260K.gguf"

std::string evaluation(const fs::path& out) {
  return "eval --tasks countdown,long-addition --count 12 --max-tokens 150 -m '" + kStories +
         "' --out '" + out.string() + "'";
}

std::size_t samples_in(const fs::path& folder) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder, none)) {
    if (file.path().extension() != ".jsonl") continue;
    const std::string text = read_file(file.path());
    count += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
  }
  return count;
}

/// Starts the evaluation and kills it when it has some samples.
void kill_in_the_middle(const fs::path& out) {
  const std::string command = "exec '" R1_PROGRAM "' " + evaluation(out) + " >/dev/null 2>&1";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  while (samples_in(out) < 3 && ::waitpid(child, &status, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
}

TEST(EvalCommand, killed_in_the_middle_and_resumed_it_gives_the_same_table) {
  NEED_STORIES();
  const TemporaryFolder folder;
  const ProgramResult whole = run_program(evaluation(folder / "whole"));
  ASSERT_EQ(whole.status, 0) << whole.errors;
  EXPECT_EQ(samples_in(folder / "whole"), 24u);
  kill_in_the_middle(folder / "killed");
  EXPECT_LT(samples_in(folder / "killed"), 24u);
  const ProgramResult resumed = run_program(evaluation(folder / "killed"));
  ASSERT_EQ(resumed.status, 0) << resumed.errors;
  EXPECT_EQ(samples_in(folder / "killed"), 24u);
  EXPECT_EQ(resumed.output, whole.output);
  EXPECT_EQ(read_file(folder / "killed" / "results.json"),
            read_file(folder / "whole" / "results.json"));
}

TEST(EvalCommand, tasks_are_printed_with_their_mean_and_asked_greedily) {
  NEED_STORIES();
  const TemporaryFolder folder;
  const ProgramResult result = run_program(evaluation(folder / "out") + " --json");
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto printed = nlohmann::json::parse(result.output);
  EXPECT_EQ(printed["tasks"]["countdown"]["n"], 12);
  EXPECT_TRUE(printed["tasks"]["long-addition"]["pass@1"].is_number());
  EXPECT_TRUE(printed["mean"].is_number());
  for (const auto& file : fs::directory_iterator(folder / "out")) {
    if (file.path().extension() != ".jsonl") continue;
    const std::string text = read_file(file.path());
    EXPECT_EQ(nlohmann::json::parse(text.substr(0, text.find('\n')))["temperature"], 0);
  }
}

TEST(EvalCommand, data_sets_may_have_a_hubs_name) {
  NEED_STORIES();
  const TemporaryFolder cache;
  const fs::path repository = cache / "datasets--org--sums";
  const std::string commit(40, 'a');
  fs::create_directories(repository / "snapshots" / commit);
  fs::create_directories(repository / "refs");
  write_file(repository / "refs" / "main", commit);
  write_file(repository / "snapshots" / commit / "gsm8k_test.jsonl",
             R"({"id":"a","problem":"1 + 1?","answer":"2"})"
             "\n");
  const ProgramResult result =
      run_program("eval --suite gsm8k --max-tokens 5 -m '" + kStories +
                      "' --data hf:org/sums --out '" + (cache / "out").string() + "' --json",
                  {}, "HF_HUB_OFFLINE=1 HF_HUB_CACHE='" + cache.path().string() + "'");
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(nlohmann::json::parse(result.output)["suites"]["gsm8k"]["n"], 1);
}

TEST(EvalCommand, wrong_usage_and_absent_servers_are_told) {
  const ProgramResult both =
      run_program("eval --suite gsm8k --endpoint http://127.0.0.1:1 -m model.gguf");
  EXPECT_EQ(both.status, 2) << both.errors;
  EXPECT_EQ(run_program("eval --suite gsm8k --api-key x").status, 2);
  const ProgramResult absent =
      run_program("eval --tasks countdown --count 1 --endpoint http://127.0.0.1:1");
  EXPECT_EQ(absent.status, 1);
  EXPECT_NE(absent.errors.find("127.0.0.1"), std::string::npos) << absent.errors;
}

}  // namespace
}  // namespace r1
