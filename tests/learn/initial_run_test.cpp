// A run from nothing: its own tokenizer, random weights of its own shape, generated documents.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <sstream>
#include <string>

#include "base/files.h"
#include "base/threads.h"
#include "error_of.h"
#include "formats/checkpoint.h"
#include "formats/convert/random_model.h"
#include "formats/json.h"
#include "formats/tokenizer.h"
#include "learn/architecture.h"
#include "learn/run.h"
#include "learn/run_checkpoints.h"
#include "models/small_models.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

const std::string kOwnShape =
    "[model.config]\nvocab_size = 320\nhidden_size = 32\nintermediate_size = 48\n"
    "num_hidden_layers = 2\nnum_attention_heads = 2\nq_lora_rank = 16\nkv_lora_rank = 16\n"
    "qk_nope_head_dim = 8\nqk_rope_head_dim = 8\nv_head_dim = 8\nn_routed_experts = 4\n"
    "num_experts_per_tok = 2\nmoe_intermediate_size = 16\nnum_nextn_predict_layers = 1\n"
    "max_position_embeddings = 512\ntie_word_embeddings = true\n";
const std::string kFromNothing =
    "[[stage]]\ntype = 'tokenizer'\ntasks = ['all']\ndocuments = 200\n"
    "[[stage]]\ntype = 'pretrain'\ntasks = ['long-addition', 'sorting']\n"
    "difficulties = [2, 1]\ndocuments = 40\nsteps = 4\nbatch_tokens = 600\ncontext = 512\n"
    "learning_rate = 1e-2\n"
    "[[stage]]\ntype = 'sft'\ntasks = 'long-addition'\ndocuments = 10\nas_chat = true\n"
    "steps = 2\nbatch_documents = 2\nlearning_rate = 1e-3\n";

class InitialRun {
 public:
  explicit InitialRun(const std::string& model = kOwnShape,
                      const std::string& stages = kFromNothing) {
    write_file(folder_ / "recipe.toml",
               "[run]\nseed = 4\ncheckpoint_every = 1\nkeep = 2\ncache = '" +
                   (folder_ / "cache").string() + "'\n" + model + stages);
  }

  RunResult run(const std::string& name, std::int64_t steps = 100, bool resume = false) {
    RunOptions options;
    options.recipe = folder_ / "recipe.toml";
    options.run_folder = folder_ / name;
    options.max_steps = steps;
    options.resume = resume;
    options.note = [](const std::string&) {};
    return run_recipe(options);
  }

  /// All files of a folder of the run by name.
  std::map<std::string, std::string> files(const std::string& path) const {
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(folder_ / path)) {
      files[file.path().filename().string()] = read_file(file.path());
    }
    return files;
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

TEST(InitialRun, queries_pass_no_latent_where_its_rank_is_zero) {
  std::string shape = kOwnShape;
  shape.replace(shape.find("q_lora_rank = 16"), 16, "q_lora_rank = 0");
  InitialRun run(shape);
  run.run("direct", 2);
  const auto model = Checkpoint::open(run / "direct/checkpoints/step-00000002");
  EXPECT_TRUE(model.tensors().contains("model.layers.0.self_attn.q_proj.weight"));
}

TEST(InitialRun, begins_with_blocks_that_pass_on_what_they_get) {
  const Checkpoint model = initial_model(small_config("deepseek_v3"), 0.1f, 1);
  int ends = 0;
  for (const auto& [name, tensor] : model.tensors()) {
    if (tensor.shape.size() < 2) continue;
    const bool ends_a_block = name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight");
    const bool zero = std::all_of(tensor.bytes.begin(), tensor.bytes.end(),
                                  [](std::byte byte) { return byte == std::byte{}; });
    EXPECT_EQ(zero, ends_a_block) << name;
    ends += ends_a_block ? 1 : 0;
  }
  EXPECT_GT(ends, 0);
}

TEST(InitialRun, pretraining_counts_the_questions_unless_it_learns_answers) {
  const auto learned = [](const std::string& more) {
    InitialRun run(kOwnShape,
                   "[[stage]]\ntype = 'tokenizer'\ntasks = ['sorting']\ndocuments = 100\n"
                   "[[stage]]\ntype = 'pretrain'\ntasks = 'sorting'\ndocuments = 4\n"
                   "as_chat = true\nsteps = 1\nbatch_documents = 2\n" +
                       more);
    run.run("it");
    std::string last;
    std::istringstream lines(read_file(run / "it/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) last = line;
    return parse_json(last, "metrics").at("learned_tokens").get<int>();
  };
  EXPECT_LT(learned("learn = 'answers'\n"), learned(""));
}

TEST(InitialRun, stopped_anywhere_it_reaches_the_same_bits) {
  InitialRun run;
  run.run("whole");
  const auto whole = run.files("whole/checkpoints/step-00000007");
  EXPECT_TRUE(whole.contains("tokenizer.json"));
  set_threads(1);
  for (const int stop : {1, 3, 6}) {
    const std::string name = "stopped-" + std::to_string(stop);
    run.run(name, stop);
    run.run(name, 100, true);
    EXPECT_TRUE(run.files(name + "/checkpoints/step-00000007") == whole) << stop;
  }
  set_threads(2);
}

TEST(InitialRun, leaves_a_model_with_its_own_tokenizer_and_template) {
  InitialRun run;
  const RunResult result = run.run("run");
  EXPECT_TRUE(result.finished);
  const Tokenizer tokenizer = Tokenizer::open(result.model);
  EXPECT_LE(tokenizer.vocab_size(), 320);
  EXPECT_NE(tokenizer.chat_template().find("<｜Assistant｜>"), std::string::npos);
  const Checkpoint model = Checkpoint::open(result.model);
  EXPECT_EQ(model.config().at("model_type"), "deepseek_v3");
  EXPECT_EQ(model.config().at("bos_token_id"), 0);
  EXPECT_EQ(model.config().at("eos_token_id"), 1);
  EXPECT_EQ(model.config().at("num_nextn_predict_layers"), 1);
  EXPECT_NE(model.find("model.layers.2.eh_proj.weight"), nullptr);
  EXPECT_NE(model.find("model.layers.1.mlp.experts.3.down_proj.weight"), nullptr);
  // The documents can be read.
  const std::string corpus = read_file(run / "run/data/tasks-4000013.jsonl");
  EXPECT_EQ(std::count(corpus.begin(), corpus.end(), '\n'), 40);
}

TEST(InitialRun, random_weights_suit_the_width) {
  EXPECT_NEAR(initial_deviation({{"hidden_size", 7168}}), 0.006, 1e-4);  // DeepSeek-V3's
  EXPECT_DOUBLE_EQ(initial_deviation({{"hidden_size", 256}}), 0.03125);
}

TEST(InitialRun, what_the_sections_have_wrong_is_said_with_its_line) {
  const auto error = [](const std::string& model, const std::string& stages) {
    InitialRun run(model, stages);
    return r1::error_of([&] { run.run("run"); });
  };
  EXPECT_NE(error("[model.config]\nvocab_size = 320\nwidth = 32\n", kFromNothing), "");
  EXPECT_NE(error(kOwnShape + "widht = 3\n", kFromNothing).find("widht is no key"),
            std::string::npos);
  const auto stage = [&](const std::string& text) {
    return error(kOwnShape, "[[stage]]\n" + text);
  };
  EXPECT_NE(stage("type = 'tokenizer'\n").find("lacks tasks"), std::string::npos);
  EXPECT_NE(stage("type = 'tokenizer'\ntasks = 'all'\nvocabulary = 262\n").find("from 263 to 320"),
            std::string::npos);
  EXPECT_NE(stage("type = 'pretrain'\n").find("lacks data"), std::string::npos);
  EXPECT_NE(stage("type = 'pretrain'\ntasks = 'sums'\n").find("sums"), std::string::npos);
  EXPECT_NE(stage("type = 'pretrain'\ntasks = 'all'\ndifficulties = [0, 0]\n").find("weights"),
            std::string::npos);
  EXPECT_NE(stage("type = 'pretrain'\ntasks = 'all'\nsteps = 2\n").find("tokenizer"),
            std::string::npos);
}

}  // namespace
}  // namespace r1
