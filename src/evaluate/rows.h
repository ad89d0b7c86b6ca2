// Rows of a data set: JSON objects, one a line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace r1::evaluate {

/// One object, whose fields are asked for by name; all throw Error naming file, line and field.
class Row {
 public:
  Row(nlohmann::json object, std::string where);

  const std::string& where() const { return where_; }
  bool has(const char* name) const;  // and it isn't null
  std::string text(const char* name) const;
  std::string text_or(const char* name, const std::string& fallback) const;
  double number_or(const char* name, double fallback, double least, double most) const;
  bool flag(const char* name) const;  // false where it is absent
  std::vector<std::string> texts(const char* name) const;
  std::vector<bool> flags(const char* name) const;
  std::vector<Row> rows(const char* name) const;

 private:
  const nlohmann::json& field(const char* name) const;
  [[noreturn]] void refuse(const char* name, const char* kind) const;
  nlohmann::json object_;
  std::string where_;
};

/// Where a row stands.
struct RowPlace {
  std::filesystem::path file;
  std::int64_t offset = 0;  // of its line, in bytes
  int line = 1;
};

/// Hands over the rows of folder/file one after another, for files that are larger than memory.
/// Throws Error as read_rows does.
void each_row_of(const std::filesystem::path& folder, const std::string& file,
                 const std::function<void(const Row& row, const RowPlace& place)>& take);
/// The row at a place that each_row_of gave. Throws Error if the file has changed since.
Row read_row(const RowPlace& place);

/// All rows of folder/file. Throws Error where it can't be read, saying what to give.
std::vector<Row> read_rows(const std::filesystem::path& folder, const std::string& file);

/// The same of a table with names in its first line (CSV, RFC 4180).
std::vector<Row> read_table(const std::filesystem::path& folder, const std::string& file);

}  // namespace r1::evaluate
