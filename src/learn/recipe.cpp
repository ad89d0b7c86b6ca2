#include "learn/recipe.h"

#include "base/files.h"

namespace r1 {

namespace fs = std::filesystem;

Recipe Recipe::open(const fs::path& path, const fs::path& run_folder) {
  constexpr std::size_t kLargest = std::size_t{1} << 20;
  std::string text = read_file(path, kLargest);
  const Section root = Section::parse(text, path);
  Recipe recipe(root, std::move(text));
  root.set_run_folder(run_folder);
  const std::string named = root.table("run").text("dir", "runs/" + path.stem().string());
  recipe.run_folder_ = run_folder.empty() ? fs::path(named) : run_folder;
  root.set_run_folder(recipe.run_folder_);
  return recipe;
}

void Recipe::require_all_read() const {
  root_.require_all_read("r1 train --help shows what a recipe can say");
}

}  // namespace r1
