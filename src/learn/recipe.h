// A recipe: the TOML file that says what a run of training does, checked whole before it begins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace r1 {

/// A table of a recipe, read key by key. What is missing, of another kind or out of range is an
/// Error that names file and line; keys that nobody read are named by Recipe::require_all_read().
/// In texts, ${NAME} stands for the environment's variable, ${NAME:-text} for it or, where it is
/// not set, the text, and ${RUN} for the run's folder. Copies read the same table.
class Section {
 public:
  bool has(std::string_view key) const;
  /// Where an optional key is missing, the readers that take `otherwise` give it back.
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) const;
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  double number(std::string_view key, double otherwise, double least, double most) const;
  double number(std::string_view key, double least, double most) const;
  bool flag(std::string_view key, bool otherwise) const;
  std::string text(std::string_view key) const;
  std::string text(std::string_view key, const std::string& otherwise) const;
  /// A text that must be one of `known`.
  std::string choice(std::string_view key, const std::string& otherwise,
                     const std::vector<std::string>& known) const;
  /// A list of texts; one text alone counts as a list of one. Missing: an empty list.
  std::vector<std::string> texts(std::string_view key) const;
  /// Files or folders that must be there, or be the output of an earlier section; relative paths
  /// count from the recipe's folder. Missing: an empty list, or path.
  std::vector<std::filesystem::path> inputs(std::string_view key) const;
  std::filesystem::path input(std::string_view key) const;
  /// A file that the section will write, so that later ones may read it; its folder must be there,
  /// or lie in the run's. Missing: `otherwise`, in the run's folder.
  std::filesystem::path output(std::string_view key, const std::string& otherwise) const;
  /// The table under a key; an empty one if there is none.
  Section table(std::string_view key) const;
  /// The tables of a list ([[key]]); empty if there is none.
  std::vector<Section> tables(std::string_view key) const;
  /// "recipe.toml:12: key what": what is wrong with a key, or with the section if it is empty.
  Error error(std::string_view key, const std::string& what, const std::string& remedy = {}) const;

 private:
  friend class Recipe;
  struct State;
  struct Table;
  Section(std::shared_ptr<State> state, std::shared_ptr<const Table> table);
  const void* find(std::string_view key) const;

  std::shared_ptr<State> state_;
  std::shared_ptr<const Table> table_;
};

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
