#include "learn/model_input.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/files.h"
#include "error_of.h"
#include "learn/recipe.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

TEST(ModelInput, is_a_path_beside_the_recipe_or_a_name_of_the_hub_that_is_in_the_cache) {
  const TemporaryFolder folder;
  const auto snapshot = folder / "hub/models--org--name/snapshots/1";
  std::filesystem::create_directories(snapshot);
  write_file(snapshot / "m-Q8_0.gguf", "x");
  write_file(folder / "here.gguf", "x");
  ::setenv("HF_HUB_CACHE", (folder / "hub").c_str(), 1);
  const auto input = [&](const std::string& value) {
    write_file(folder / "r.toml", "[model]\nstart = '" + value + "'\n");
    return model_input(Recipe::open(folder / "r.toml").root().table("model"), "start");
  };
  EXPECT_EQ(input("here.gguf"), folder / "here.gguf");
  EXPECT_EQ(input("org/name"), snapshot / "m-Q8_0.gguf");
  EXPECT_NE(error_of([&] { input("org/other"); }).find("which is not there"), std::string::npos);
  ::unsetenv("HF_HUB_CACHE");
}

}  // namespace
}  // namespace r1
