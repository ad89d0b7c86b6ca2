// A recipe: the TOML file that says what a run of training does, checked whole before it begins.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/section.h"

namespace r1 {

class Recipe {
 public:
  /// Throws Error, with the line, for text that is no TOML. `run_folder` replaces the one that
  /// [run] names; empty: it stays.
  static Recipe open(const std::filesystem::path& path,
                     const std::filesystem::path& run_folder = {});

  const Section& root() const { return root_; }
  /// The file's text.
  const std::string& text() const { return text_; }
  /// The folder of the run: [run] dir, or runs/ and the recipe's name in the current folder.
  const std::filesystem::path& run_folder() const { return run_folder_; }
  /// Throws Error naming, with their lines, the keys that were never asked for.
  void require_all_read() const;

 private:
  Recipe(Section root, std::string text) : root_(std::move(root)), text_(std::move(text)) {}
  Section root_;
  std::string text_;
  std::filesystem::path run_folder_;
};

}  // namespace r1
