// The stages that learn from a model's own answers, as recipes run them.
#include "learn/grpo.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "formats/json.h"
#include "learn/run.h"
#include "small_run.h"

namespace r1 {
namespace {

const std::string kQuestions =
    "tasks = ['comparing-decimals']\ndifficulty = 1\nprompt = 'text'\n"
    "template = '{question}'\n";
const std::string kGrpo = "[[stage]]\ntype = 'grpo'\n" + kQuestions +
                          "steps = 4\nprompts = 3\ngroup = 4\nmax_tokens = 12\n"
                          "learning_rate = 1e-3\nevaluation_questions = 4\nevaluate_every = 2\n";

std::vector<nlohmann::json> lines_of(const std::filesystem::path& file) {
  std::vector<nlohmann::json> all;
  std::istringstream text(read_file(file));
  for (std::string line; std::getline(text, line);) all.push_back(nlohmann::json::parse(line));
  return all;
}

// A reward that a model of random weights earns: the share of small letters.
const std::string kReward =
    "[stage.reward]\naccuracy = 0\ncommand = '''while read -r line; do "
    "n=$(printf %s \"$line\" | sed 's/.*\"response\"://' | tr -cd a-z | wc -c); "
    "echo \"{\\\"reward\\\": $n}\"; done'''\n";

TEST(Grpo, metrics_tell_of_a_run_whose_rollouts_and_training_are_one_forward) {
  for (const std::string type : {"llama", "deepseek_v3"}) {
    SmallRun small(type,
                   kGrpo + "kl_weight = 0.01\nrenew_reference = 2\nminibatches = 2\n" + kReward);
    run_to(small, "run");
    const auto steps = lines_of(small / "run" / "metrics.jsonl");
    ASSERT_EQ(steps.size(), 4u);
    for (const auto& step : steps) {
      EXPECT_EQ(step.at("mismatch_max").get<double>(), 0.0);
      EXPECT_GT(step.at("compared_tokens").get<int>(), 0);
      EXPECT_GT(step.at("entropy").get<double>(), 0.0);
      EXPECT_GT(step.at("grad_norm").get<double>(), 0.0);
      for (const char* name :
           {"reward", "reward_command", "accuracy", "response_length", "truncated", "loss", "kl",
            "clip_low", "clip_high", "equal_groups"}) {
        EXPECT_TRUE(step.contains(name)) << name;
      }
    }
    EXPECT_TRUE(steps[0].contains("held_out_before"));
    EXPECT_TRUE(steps[1].contains("held_out_accuracy"));
    EXPECT_FALSE(lines_of(small / "run" / "samples" / "grpo.jsonl").empty());
  }
}

TEST(Grpo, stopped_and_resumed_or_with_other_threads_it_reaches_the_same_bits) {
  for (const std::string& stages : std::vector<std::string>{
           kGrpo + "kl_weight = 0.01\nrenew_reference = 2\nepochs = 2\n" + kReward,
           kGrpo + "variant = 'dapo'\ntop_p = 0.9\n" + kReward}) {
    SmallRun small("llama", stages, "checkpoint_every = 1\n");
    set_threads(1);
    run_to(small, "whole");
    set_threads(2);
    run_to(small, "stopped", 3);
    run_to(small, "stopped", 100, true);
    EXPECT_TRUE(small.checkpoint("whole", 4) == small.checkpoint("stopped", 4));
  }
}

TEST(Grpo, every_variant_runs) {
  for (const char* variant : {"grpo", "dapo", "dr_grpo", "gspo"}) {
    SmallRun small("llama", kGrpo + "variant = '" + variant +
                                "'\ntemperature = 0.8\ntop_k = 20\nmin_p = 0.01\nepochs = 2\n" +
                                kReward);
    run_to(small, "run");
    for (const auto& step : lines_of(small / "run" / "metrics.jsonl")) {
      EXPECT_EQ(step.at("mismatch_max").get<double>(), 0.0) << variant;
    }
  }
}

TEST(Grpo, recipes_that_make_no_sense_are_refused_before_the_first_step) {
  for (const auto& [stages, word] : std::vector<std::pair<std::string, std::string>>{
           {kGrpo + "renew_reference = 2\n", "renew_reference"},
           {kGrpo + "top_k = 1\n", "top_k"},
           {kGrpo + "minibatches = 9\n", "minibatches"},
           {kGrpo + "variant = 'other'\n", "variant"},
           {kGrpo + "stop = ['']\n", "stop"},
           {"[[stage]]\ntype = 'grpo'\ntasks = ['nothing']\nsteps = 1\n", "nothing"},
           {"[[stage]]\ntype = 'grpo'\nsteps = 1\n", "tasks"},
           {kGrpo + "[stage.reward]\ncommand_weight = 1\n", "command_weight"},
           {"[[stage]]\ntype = 'distill'\n" + kQuestions + "steps = 1\n", "teacher"}}) {
    SmallRun small("llama", stages);
    try {
      run_to(small, "run");
      FAIL() << stages;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
    EXPECT_FALSE(std::filesystem::exists(small / "run" / "metrics.jsonl"));
  }
}

TEST(Reject, what_is_kept_is_a_data_set_that_sft_reads) {
  SmallRun small("llama",
                 "[[stage]]\ntype = 'reject'\n" + kQuestions +
                     "questions = 7\nprompts = 3\ngroup = 8\nmax_tokens = 120\n"
                     "correct = false\nper_question = 2\noutput = '${RUN}/kept.jsonl'\n"
                     "[[stage]]\ntype = 'sft'\ndata = '${RUN}/kept.jsonl'\nsteps = 2\n"
                     "batch_documents = 2\n",
                 "checkpoint_every = 1\n");
  run_to(small, "run", 2);
  run_to(small, "run", 100, true);
  const auto kept = lines_of(small / "run" / "kept.jsonl");
  EXPECT_FALSE(kept.empty());
  for (const auto& line : kept) {
    EXPECT_TRUE(line.contains("prompt"));
    EXPECT_TRUE(line.contains("completion"));
  }
  EXPECT_EQ(lines_of(small / "run" / "metrics.jsonl").size(), 5u);
  SmallRun again("llama", read_file(small.recipe()).substr(read_file(small.recipe()).find("[[")));
  run_to(again, "run");
  EXPECT_EQ(lines_of(again / "run" / "kept.jsonl"), kept);
}

TEST(Distill, the_student_comes_nearer_to_its_teacher) {
  // The teacher is a run's model, which learned for long enough to repeat itself; the student
  // begins from other random weights.
  std::string lessons = kSmallSft;
  lessons.replace(lessons.find("steps = 6"), 9, "steps = 60");
  SmallRun teacher("llama", lessons);
  run_to(teacher, "run");
  const std::string folder = (teacher / "run" / "model").string();
  for (const char* weight : {"0", "0.5", "1"}) {
    SmallRun small("llama", "[[stage]]\ntype = 'distill'\nteacher = '" + folder + "'\n" +
                                kQuestions +
                                "steps = 12\nprompts = 4\ngroup = 4\nmax_tokens = 120\n"
                                "correct = false\nper_question = 2\nlearning_rate = 1e-2\n"
                                "evaluation_questions = 0\ndivergence_weight = " +
                                weight + "\n");
    run_to(small, "run");
    std::vector<double> losses;
    for (const auto& step : lines_of(small / "run" / "metrics.jsonl")) {
      if (step.contains("loss")) losses.push_back(step.at("loss").get<double>());
    }
    ASSERT_GE(losses.size(), 4u) << weight;
    EXPECT_LT(losses.back(), 0.8 * losses.front()) << weight;
  }
}

}  // namespace
}  // namespace r1
