// The recipes that come with the project run through, each made small.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include "base/files.h"
#include "formats/config.h"
#include "learn/architecture.h"
#include "learn/recipe.h"
#include "learn/run.h"
#include "models/config.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

fs::path recipe_path(const std::string& name) {
  return fs::path(R1_SOURCE_DIR) / "recipes" / (name + ".toml");
}

/// The recipe with sizes and amounts that take a moment.
std::string made_small(std::string text) {
  const std::map<std::string, std::string> small = {{"vocab_size", "320"},
                                                    {"hidden_size", "32"},
                                                    {"intermediate_size", "32"},
                                                    {"num_hidden_layers", "2"},
                                                    {"num_attention_heads", "2"},
                                                    {"q_lora_rank", "16"},
                                                    {"kv_lora_rank", "16"},
                                                    {"qk_nope_head_dim", "8"},
                                                    {"qk_rope_head_dim", "8"},
                                                    {"v_head_dim", "8"},
                                                    {"n_routed_experts", "4"},
                                                    {"moe_intermediate_size", "16"},
                                                    {"documents", "46"},
                                                    {"steps", "2"},
                                                    {"batch_tokens", "800"},
                                                    {"batch_documents", "23"},
                                                    {"prompts", "2"},
                                                    {"group", "2"},
                                                    {"max_tokens", "48"},
                                                    {"questions", "24"},
                                                    {"evaluation_questions", "2"},
                                                    {"evaluate_every", "1"}};
  for (const auto& [key, value] : small) {
    text =
        std::regex_replace(text, std::regex("\n" + key + " = [^\n#]*"), "\n" + key + " = " + value);
  }
  // Nothing is right yet; and what never ends is never kept, so that there must be enough of them.
  return std::regex_replace(text, std::regex("type = \"(reject|distill)\"\n"),
                            "$&correct = false\n");
}

class Recipes : public testing::Test {
 protected:
  /// Runs the recipe in a folder of its own and gives back its model's folder.
  fs::path run(const std::string& name, std::size_t stages) {
    const fs::path recipe = folder_ / (name + ".toml");
    write_file(recipe, std::regex_replace(
                           made_small(read_file(recipe_path(name))), std::regex("\\[run\\]\n"),
                           "[run]\ncache = '" + (folder_ / "cache").string() + "'\n"));
    RunOptions options;
    options.recipe = recipe;
    options.run_folder = folder_ / name;
    options.note = [](const std::string&) {};
    std::vector<std::string> seen;
    options.on_step = [&](const nlohmann::ordered_json& metrics, std::int64_t) {
      const std::string stage = metrics.at("stage");
      if (metrics.at("stage_step") == 1) seen.push_back(stage);
    };
    const RunResult result = run_recipe(options);
    EXPECT_TRUE(result.finished);
    EXPECT_EQ(seen.size(), stages) << name;
    return result.model;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(Recipes, r1_tiny_and_what_distills_it_run_through) {
  const fs::path teacher = run("r1-tiny", 9);
  ASSERT_TRUE(fs::exists(teacher / "tokenizer.json"));
  ::setenv("R1_TEACHER", teacher.c_str(), 1);
  EXPECT_TRUE(fs::exists(run("distill-tiny", 2) / "model.safetensors"));
  EXPECT_TRUE(fs::exists(run("distill-tiny-rl", 2) / "model.safetensors"));
  ::unsetenv("R1_TEACHER");
}

TEST_F(Recipes, r1_zero_tiny_and_the_dial_run_through) {
  EXPECT_TRUE(fs::exists(run("r1-zero-tiny", 3) / "model.safetensors"));
  EXPECT_TRUE(fs::exists(run("dial", 3) / "model.safetensors"));
}

TEST_F(Recipes, the_dial_makes_models_of_growing_width_for_any_depth) {
  std::int64_t width = 0;
  double tokens = 1e18;
  for (const int depth : {2, 3, 4, 6, 8, 12}) {
    ::setenv("R1_DEPTH", std::to_string(depth).c_str(), 1);
    const Recipe recipe = Recipe::open(recipe_path("dial"));
    const ModelConfig model = ModelConfig::read(
        read_architecture(recipe.root().table("model").table("config")), "the dial");
    EXPECT_EQ(model.layers, depth);
    EXPECT_GT(model.width, width);
    width = model.width;
    // The time is given, so that a larger model learns from fewer tokens.
    const double learned = recipe.root().tables("stage")[1].number("steps", 1, 1e9);
    EXPECT_LT(learned, tokens);
    tokens = learned;
  }
  ::unsetenv("R1_DEPTH");
}

}  // namespace
}  // namespace r1
