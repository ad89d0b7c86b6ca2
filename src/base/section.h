// Tables of a TOML file, checked whole before anything is done with them.
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

/// A table, read key by key. What is missing, of another kind or out of range is an Error that
/// names file and line; keys that nobody read are named by require_all_read(). Where a number is
/// wanted, a text is a formula of numbers and of the names in the file's [dial] section, with
/// + - * / ^ and brackets: "64 * depth"; whole numbers are rounded to the nearest. In texts,
/// ${NAME} stands for the environment's variable, ${NAME:-text} for it or, where it is not set, the
/// text, and ${RUN} for the run's folder. Copies read the same table.
class Section {
 public:
  /// The whole of a file's text. Throws Error, with the line, for text that is no TOML.
  static Section parse(const std::string& text, const std::filesystem::path& path);
  /// The folder that ${RUN} and outputs without one stand for, in all sections of the file.
  void set_run_folder(const std::filesystem::path& folder) const;

  std::vector<std::string> keys() const;
  bool has(std::string_view key) const;
  /// Whether the key is there and a section of its own.
  bool is_table(std::string_view key) const;
  /// Where an optional key is missing, the readers that take `otherwise` give it back. A whole
  /// number may be written as a float: 1e12.
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) const;
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  double number(std::string_view key, double otherwise, double least, double most) const;
  double number(std::string_view key, double least, double most) const;
  /// A list of numbers; one alone counts as a list of one. Missing: an empty list.
  std::vector<double> numbers(std::string_view key, double least, double most) const;
  bool flag(std::string_view key, bool otherwise) const;
  std::string text(std::string_view key) const;
  std::string text(std::string_view key, const std::string& otherwise) const;
  /// A text that must be one of `known`.
  std::string choice(std::string_view key, const std::string& otherwise,
                     const std::vector<std::string>& known) const;
  /// A list of texts; one text alone counts as a list of one. Missing: an empty list.
  std::vector<std::string> texts(std::string_view key) const;
  /// Files or folders that must be there, or be the output of an earlier section; relative paths
  /// count from the file's folder. Missing: an empty list, or path.
  std::vector<std::filesystem::path> inputs(std::string_view key) const;
  std::filesystem::path input(std::string_view key) const;
  /// A file that the section will write, so that later ones may read it; its folder must be there,
  /// or lie in the run's. Missing: `otherwise`, in the run's folder.
  std::filesystem::path output(std::string_view key, const std::string& otherwise) const;
  /// The table under a key; an empty one if there is none.
  Section table(std::string_view key) const;
  /// The tables of a list ([[key]]); empty if there is none.
  std::vector<Section> tables(std::string_view key) const;
  /// "file.toml:12: key what": what is wrong with a key, or with the section if it is empty.
  Error error(std::string_view key, const std::string& what, const std::string& remedy = {}) const;
  /// Throws Error naming, with their lines, the keys in this table and below that were never asked
  /// for.
  void require_all_read(const std::string& remedy) const;

 private:
  struct State;
  struct Table;
  Section(std::shared_ptr<State> state, std::shared_ptr<const Table> table);
  const void* find(std::string_view key) const;
  std::string expanded(std::string_view key, const std::string& text) const;
  std::optional<double> formula(std::string_view key, const std::string& text, int depth) const;
  double dial(std::string_view key, const std::string& name, int depth) const;

  std::shared_ptr<State> state_;
  std::shared_ptr<const Table> table_;
};

}  // namespace r1
