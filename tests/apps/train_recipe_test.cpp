#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "formats/json.h"
#include "learn/small_run.h"
#include "run_program.h"

namespace r1 {
namespace {

using Clock = std::chrono::steady_clock;

const char* const kStages =
    "[[stage]]\ntype = 'sft'\ndata = 'data.jsonl'\nsteps = 12\nbatch_documents = 4\n"
    "learning_rate = 1e-2\n[[stage]]\ntype = 'pretrain'\ndata = 'data.jsonl'\nsteps = 12\n"
    "batch_tokens = 300\nlearning_rate = 1e-3\n";
constexpr int kSteps = 24;

/// Starts `r1 train` on the recipe, in silence.
pid_t start(const SmallRun& small, const std::string& name) {
  const std::string recipe = small.recipe().string(), folder = (small / name).string();
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int nothing = ::open("/dev/null", O_WRONLY);
  ::dup2(nothing, 1);
  ::dup2(nothing, 2);
  ::execl(R1_PROGRAM, R1_PROGRAM, "train", recipe.c_str(), "--run-dir", folder.c_str(), "--resume",
          static_cast<char*>(nullptr));
  ::_exit(127);
}

/// True if the process ended by itself, well.
bool ended_well(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return false;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return true;
}

// R1_KILLS=50 makes the test longer.
TEST(TrainRecipe, killed_at_any_instants_it_resumes_to_the_same_weights) {
  const char* wanted = std::getenv("R1_KILLS");
  const int kills = wanted == nullptr ? 4 : std::atoi(wanted);
  SmallRun small("deepseek_v3", kStages, "checkpoint_every = 3\n");
  const auto begin = Clock::now();
  ASSERT_TRUE(ended_well(start(small, "whole")));
  const std::chrono::duration<double> whole_time = Clock::now() - begin;
  const auto whole = small.checkpoint("whole", kSteps);
  Random random(7, 0);
  int killed = 0;
  for (int run = 0; killed < kills; ++run) {
    ASSERT_LT(run, 100 * kills);
    const std::string name = "run-" + std::to_string(run);
    for (bool done = false; !done;) {
      const pid_t child = start(small, name);
      if (killed < kills) {
        std::this_thread::sleep_for(whole_time * random.uniform());
        ::kill(child, SIGKILL);
      }
      done = ended_well(child);
      if (!done) ++killed;
    }
    EXPECT_TRUE(small.checkpoint(name, kSteps) == whole) << name;
    std::filesystem::remove_all(small / name);
  }
}

TEST(TrainRecipe, ctrl_c_saves_and_leaves_and_resume_goes_on) {
  SmallRun small("llama", kStages);
  const pid_t child = start(small, "run");
  while (!std::filesystem::exists(small / "run" / "metrics.jsonl") ||
         read_file(small / "run" / "metrics.jsonl").empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(child, SIGINT);
  EXPECT_TRUE(ended_well(child));
  EXPECT_FALSE(std::filesystem::is_empty(small / "run" / "checkpoints"));
  EXPECT_TRUE(ended_well(start(small, "run")));
  EXPECT_TRUE(ended_well(start(small, "whole")));
  EXPECT_TRUE(small.checkpoint("run", kSteps) == small.checkpoint("whole", kSteps));
}

TEST(TrainRecipe, prints_a_line_a_step_or_json_and_stops_after_max_steps) {
  SmallRun small("llama", kStages);
  const std::string recipe = small.recipe().string();
  ProgramResult result =
      run_program("train " + recipe + " --max-steps 2 --run-dir " + (small / "a").string());
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("sft 2/12  loss "), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("tokens/s"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("model is in"), std::string::npos) << result.output;
  result = run_program("train " + recipe + " --json --max-steps 2 --run-dir " +
                       (small / "b").string() + " --json-metrics " + (small / "m").string());
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(result.output, read_file(small / "m"));
  EXPECT_EQ(nlohmann::json::parse(result.output.substr(0, result.output.find('\n'))).at("step"), 1);
  // What was trained is a model that runs.
  result = run_program("run --raw --temperature 0 --max-tokens 4 -m " +
                       (small / "a" / "model").string() + " 'What'");
  EXPECT_EQ(result.status, 0) << result.errors;
}

TEST(TrainRecipe, wrong_usage_and_wrong_recipes_are_told_apart) {
  SmallRun small("llama", std::string(kStages) + "tepms = 3\n");
  const ProgramResult result = run_program("train " + small.recipe().string());
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("tepms is no key"), std::string::npos) << result.errors;
  EXPECT_EQ(run_program("train").status, 2);
  EXPECT_EQ(run_program("train --fixed-batches x.jsonl").status, 2);
  EXPECT_EQ(run_program("train nowhere.toml").status, 2);
}

}  // namespace
}  // namespace r1
