#include "learn/recipe.h"

#include <gtest/gtest.h>

#include <string>

#include "base/files.h"
#include "temporary_folder.h"

namespace r1 {
namespace {

Recipe recipe_of(const TemporaryFolder& folder, const std::string& text) {
  write_file(folder / "r.toml", text);
  return Recipe::open(folder / "r.toml");
}

TEST(Recipe, the_runs_folder_is_the_recipes_the_callers_or_named_after_the_file) {
  const TemporaryFolder folder;
  EXPECT_EQ(recipe_of(folder, "").run_folder(), "runs/r");
  EXPECT_EQ(recipe_of(folder, "[run]\ndir = 'x/y'\n").run_folder(), "x/y");
  EXPECT_EQ(Recipe::open(folder / "r.toml", "z").run_folder(), "z");
}

}  // namespace
}  // namespace r1
