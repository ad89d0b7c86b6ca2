#include "learn/run.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/threads.h"
#include "error_of.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "learn/run_checkpoints.h"
#include "small_run.h"

namespace r1 {
namespace {

const std::string kStages =
    std::string(kSmallSft) +
    "[[stage]]\ntype = 'pretrain'\ndata = 'data.jsonl'\nsteps = 3\nbatch_tokens = 300\n"
    "context = 32\nlearning_rate = 1e-3\n";

/// Lets a recipe start from the model that `base` ended with.
void start_from(const SmallRun& base, const SmallRun& small) {
  std::string text = read_file(small.recipe());
  text.replace(text.find("config = 'config.json'"), 22,
               "start = '" + (base / "base" / "model").string() + "'");
  write_file(small.recipe(), text);
}

void expect_same(const std::map<std::string, std::string>& a,
                 const std::map<std::string, std::string>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, bytes] : a) {
    ASSERT_TRUE(b.contains(name)) << name;
    EXPECT_TRUE(bytes == b.at(name)) << name;
  }
}

TEST(Run, that_was_stopped_anywhere_reaches_the_same_bits) {
  for (const std::string type : {"llama", "deepseek_v3"}) {
    SmallRun small(type, kStages, "checkpoint_every = 2\n");
    run_to(small, "whole", 100, false);
    const auto whole = small.checkpoint("whole", 9);
    EXPECT_TRUE(whole.contains("model.safetensors"));
    EXPECT_TRUE(whole.contains("config.json"));
    for (const int stop : {1, 4, 6, 8}) {  // 6: between the stages
      const std::string name = "stopped-" + std::to_string(stop);
      run_to(small, name, stop, false);
      run_to(small, name, 100, true);
      expect_same(small.checkpoint(name, 9), whole);
      const auto lines = [&](const std::string& run) {
        const std::string text = read_file(small / run / "metrics.jsonl");
        return std::count(text.begin(), text.end(), '\n');
      };
      EXPECT_EQ(lines(name), 9);
    }
  }
}

TEST(Run, has_the_same_bits_with_one_and_two_threads) {
  SmallRun small("deepseek_v3", kStages);
  set_threads(1);
  run_to(small, "one", 100, false);
  set_threads(2);
  run_to(small, "two", 100, false);
  expect_same(small.checkpoint("one", 9), small.checkpoint("two", 9));
}

TEST(Run, an_adapter_learns_alone_and_goes_on_to_the_same_bits) {
  SmallRun base("llama", kSmallSft);
  run_to(base, "base", 100, false);
  SmallRun small("llama", kSmallSft, "merge = true\n");
  start_from(base, small);
  std::string text = read_file(small.recipe());
  text += "[lora]\nrank = 2\nalpha = 8\ntargets = ['q_proj', 'down_proj']\n";
  write_file(small.recipe(), text);
  run_to(small, "whole", 100, false);
  run_to(small, "stopped", 3, false);
  run_to(small, "stopped", 100, true);
  const auto whole = small.checkpoint("whole", 6);
  EXPECT_TRUE(whole.contains("adapter_model.safetensors"));
  EXPECT_FALSE(whole.contains("model.safetensors"));
  expect_same(small.checkpoint("stopped", 6), whole);
  // The merged model answers as model and adapter do: its weights are W + factor B A.
  const Safetensors before = Safetensors::open(base / "base" / "model");
  const Safetensors merged = Safetensors::open(small / "whole" / "model");
  const char* changed = "model.layers.0.self_attn.q_proj.weight";
  const char* kept = "model.layers.0.self_attn.v_proj.weight";
  const auto bytes = [](const Safetensors& file, const char* name) {
    const auto span = file.find(name)->bytes;
    return std::string(reinterpret_cast<const char*>(span.data()), span.size());
  };
  EXPECT_NE(bytes(before, changed), bytes(merged, changed));
  EXPECT_EQ(bytes(before, kept), bytes(merged, kept));
}

TEST(Run, the_loss_falls_and_every_step_is_in_the_metrics) {
  SmallRun small("llama", kSmallSft);
  RunOptions options = small.options("run");
  options.metrics = small / "metrics.jsonl";
  const RunResult result = run_recipe(options);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.steps, 6);
  EXPECT_EQ(read_file(small / "metrics.jsonl"), read_file(small / "run" / "metrics.jsonl"));
  std::istringstream lines(read_file(small / "metrics.jsonl"));
  std::vector<nlohmann::json> steps;
  for (std::string line; std::getline(lines, line);) steps.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[0].at("step"), 1);
  EXPECT_GT(steps[0].at("grad_norm").get<double>(), 0);
  EXPECT_GT(steps[0].at("tokens_per_second").get<double>(), 0);
  EXPECT_LT(steps[5].at("loss").get<double>(), 0.8 * steps[0].at("loss").get<double>());
}

TEST(Run, a_damaged_checkpoint_is_said_and_the_one_before_it_used) {
  SmallRun small("llama", kSmallSft, "checkpoint_every = 2\nkeep = 3\n");
  run_to(small, "whole", 100, false);
  const auto whole = small.checkpoint("whole", 6);
  run_to(small, "damaged", 5, false);
  const auto newest = small / "damaged" / "checkpoints" / "step-00000005";
  std::string weights = read_file(newest / "model.safetensors");
  weights[weights.size() / 2] ^= 1;
  write_file(newest / "model.safetensors", weights);
  run_to(small, "damaged", 100, true);
  EXPECT_NE(small.notes.find("step-00000005 has another model.safetensors"), std::string::npos)
      << small.notes;
  expect_same(small.checkpoint("damaged", 6), whole);
}

TEST(Run, a_full_disk_is_said_and_the_last_checkpoint_stays) {
  SmallRun small("llama", kSmallSft);
  run_to(small, "run", 2, false);
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small_files = {60000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small_files), 0);
  const std::string error = error_of([&] { run_to(small, "run", 3, true); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(error.find("can't write"), std::string::npos) << error;
  EXPECT_NE(error.find("the last good checkpoint is"), std::string::npos) << error;
  EXPECT_EQ(damage_of(small / "run" / "checkpoints" / "step-00000002"), "");
  run_to(small, "run", 100, true);
  run_to(small, "whole", 100, false);
  expect_same(small.checkpoint("run", 6), small.checkpoint("whole", 6));
}

TEST(Run, a_loss_that_explodes_stops_with_step_tensor_and_checkpoint) {
  std::string stages = kSmallSft;
  stages.replace(stages.find("learning_rate = 1e-2"), 20, "learning_rate = 1e3\nexplosion = 2");
  SmallRun small("llama", stages, "checkpoint_every = 1\n");
  const std::string error = error_of([&] { run_to(small, "run", 100, false); });
  EXPECT_NE(error.find("sft step "), std::string::npos) << error;
  EXPECT_NE(error.find("the loss: exploded from "), std::string::npos) << error;
  EXPECT_NE(error.find("weight"), std::string::npos) << error;
  EXPECT_NE(error.find("the last good checkpoint is"), std::string::npos) << error;
}

/// Makes the first number of a tensor in a folder's model.safetensors, of bf16 numbers, a NaN.
void damage(const std::filesystem::path& folder, const std::string& tensor) {
  std::string file = read_file(folder / "model.safetensors");
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), sizeof size);
  const auto header = nlohmann::json::parse(file.substr(8, size));
  const auto begin = header.at(tensor).at("data_offsets").at(0).get<std::size_t>();
  file.replace(8 + size + begin, 2, "\xc0\x7f");
  write_file(folder / "model.safetensors", file);
}

TEST(Run, a_weight_that_is_no_number_stops_it_with_step_tensor_and_checkpoint) {
  SmallRun base("deepseek_v3", kSmallSft);
  run_to(base, "base", 1, false);
  const std::string tensor = "model.layers.1.mlp.experts.2.down_proj.weight";
  damage(base / "base" / "model", tensor);
  SmallRun small("deepseek_v3", kSmallSft, "checkpoint_every = 2\n");
  start_from(base, small);
  const std::string error = error_of([&] { run_to(small, "run", 100, false); });
  EXPECT_NE(error.find("sft step 1: the loss: is no finite number: " + tensor + " holds"),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("there is no checkpoint yet"), std::string::npos) << error;
}

// A row of the embedding that no text reads makes no loss a NaN.
TEST(Run, weights_that_are_no_numbers_are_never_saved_as_a_checkpoint) {
  SmallRun base("deepseek_v3", kSmallSft);
  run_to(base, "base", 1, false);
  damage(base / "base" / "model", "model.embed_tokens.weight");
  SmallRun small("deepseek_v3", kSmallSft, "checkpoint_every = 2\n");
  start_from(base, small);
  const std::string error = error_of([&] { run_to(small, "run", 100, false); });
  EXPECT_NE(error.find("step 2: model.embed_tokens.weight holds a number that isn't finite"),
            std::string::npos)
      << error;
  EXPECT_TRUE(std::filesystem::is_empty(small / "run" / "checkpoints"));
}

// Decay by lr * weight_decay = 1e6 a step: the weights overflow, whatever the loss says.
TEST(Run, an_update_that_overflows_leaves_the_last_good_checkpoint) {
  std::string stages = kSmallSft;
  stages.replace(stages.find("steps = 6"), 9, "steps = 20");
  stages.replace(stages.find("learning_rate = 1e-2"), 20,
                 "learning_rate = 1e3\nweight_decay = 1e3\nexplosion = 0");
  SmallRun small("llama", stages, "checkpoint_every = 1\nkeep = 1\n");
  const std::string error = error_of([&] { run_to(small, "run", 100, false); });
  EXPECT_NE(error.find("finite"), std::string::npos) << error;
  EXPECT_NE(error.find(" by model."), std::string::npos) << error;
  const std::string last = "the last good checkpoint is ";
  ASSERT_NE(error.find(last), std::string::npos) << error;
  const std::filesystem::path checkpoint = error.substr(error.find(last) + last.size());
  EXPECT_EQ(damage_of(checkpoint), "");
  const Safetensors weights = Safetensors::open(checkpoint / "model.safetensors");
  for (const auto& [name, tensor] : weights.tensors()) {
    for (std::size_t i = 0; i < tensor.bytes.size(); i += 4) {
      float number = 0;
      std::memcpy(&number, tensor.bytes.data() + i, 4);
      ASSERT_TRUE(std::isfinite(number)) << name;
    }
  }
}

TEST(Run, the_recipe_is_checked_whole_before_anything_is_written) {
  SmallRun small("llama", kStages + "context_length = 5\n");
  const std::string error = error_of([&] { run_to(small, "run", 100, false); });
  EXPECT_NE(error.find("context_length is no key of this section"), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(small / "run"));
  SmallRun wide("llama", std::string(kSmallSft) + "context = 257\n");
  EXPECT_NE(error_of([&] { run_to(wide, "run", 1, false); }).find("from 2 to 256"),
            std::string::npos);
  SmallRun experts("llama", std::string(kSmallSft) + "bias_speed = 0.1\n");
  EXPECT_NE(error_of([&] { run_to(experts, "run", 1, false); }).find("for models with experts"),
            std::string::npos);
}

TEST(Run, a_folder_that_holds_a_run_is_kept) {
  SmallRun small("llama", kSmallSft);
  run_to(small, "run", 1, false);
  EXPECT_NE(error_of([&] { run_to(small, "run", 2, false); }).find("holds a run already"),
            std::string::npos);
}

TEST(Run, the_best_checkpoint_by_validation_stays) {
  SmallRun small("llama",
                 std::string(kSmallSft) + "validation = 'data.jsonl'\nvalidate_every = 1\n",
                 "checkpoint_every = 1\nkeep = 1\n");
  // With this rate the loss falls in the beginning and rises when it is multiplied.
  run_to(small, "run", 100, false);
  const auto best = read_json(small / "run" / "checkpoints" / "best.json").at("step");
  std::string digits = best.dump();
  digits.insert(0, 8 - digits.size(), '0');
  EXPECT_EQ(damage_of(small / "run" / "checkpoints" / ("step-" + digits)), "");
}

}  // namespace
}  // namespace r1
