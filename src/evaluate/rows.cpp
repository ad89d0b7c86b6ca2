#include "evaluate/rows.h"

#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"

namespace r1::evaluate {

Row::Row(nlohmann::json object, std::string where)
    : object_(std::move(object)), where_(std::move(where)) {
  if (!object_.is_object()) throw Error(where_, "it is no JSON object");
}

bool Row::has(const char* name) const {
  const auto value = object_.find(name);
  return value != object_.end() && !value->is_null();
}

void Row::refuse(const char* name, const char* kind) const {
  throw Error(where_, std::string("its field \"") + name + "\" is no " + kind);
}

const nlohmann::json& Row::field(const char* name) const {
  const auto value = object_.find(name);
  if (value == object_.end()) throw Error(where_, std::string("it has no field \"") + name + "\"");
  return *value;
}

std::string Row::text(const char* name) const {
  const nlohmann::json& value = field(name);
  if (value.is_number()) return value.dump();
  if (!value.is_string()) refuse(name, "text");
  return value.get<std::string>();
}

std::string Row::text_or(const char* name, const std::string& fallback) const {
  return has(name) ? text(name) : fallback;
}

double Row::number_or(const char* name, double fallback, double least, double most) const {
  if (!has(name)) return fallback;
  const nlohmann::json& value = field(name);
  if (!value.is_number()) refuse(name, "number");
  const double number = value.get<double>();
  if (!(number >= least && number <= most)) refuse(name, "number within reason");
  return number;
}

bool Row::flag(const char* name) const {
  if (!has(name)) return false;
  if (!field(name).is_boolean()) refuse(name, "true or false");
  return field(name).get<bool>();
}

std::vector<std::string> Row::texts(const char* name) const {
  const nlohmann::json& value = field(name);
  std::vector<std::string> texts;
  if (!value.is_array()) refuse(name, "list of texts");
  for (const nlohmann::json& one : value) {
    if (!one.is_string()) refuse(name, "list of texts");
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::vector<bool> Row::flags(const char* name) const {
  const nlohmann::json& value = field(name);
  std::vector<bool> flags;
  if (!value.is_array()) refuse(name, "list of true and false");
  for (const nlohmann::json& one : value) {
    if (!one.is_boolean()) refuse(name, "list of true and false");
    flags.push_back(one.get<bool>());
  }
  return flags;
}

std::vector<Row> Row::rows(const char* name) const {
  const nlohmann::json& value = field(name);
  if (!value.is_array()) refuse(name, "list");
  std::vector<Row> rows;
  for (const nlohmann::json& one : value) rows.emplace_back(one, where_ + ", \"" + name + "\"");
  return rows;
}

namespace {

std::filesystem::path path_of(const std::filesystem::path& folder, const std::string& file) {
  std::filesystem::path path = folder / file;
  std::error_code failure;
  if (!folder.empty() && std::filesystem::is_regular_file(path, failure)) return path;
  throw Error(path.string(), "there is no such data set",
              "give the folder it lies in with --data or R1_DATA");
}

Row row_of(const std::string& line, const RowPlace& place) {
  const std::string where = place.file.string() + ", line " + std::to_string(place.line);
  return {parse_json(line, where), where};
}

/// The records of a CSV text: quoted fields may hold commas, line ends and doubled quotes.
std::vector<std::vector<std::string>> records_of(std::string_view text, const std::string& where) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool quoted = false, any = false;
  const auto end_record = [&] {
    if (any || !record.empty()) {
      record.push_back(std::move(field));
      records.push_back(std::move(record));
    }
    field.clear();
    record.clear();
    any = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && c == ',') {
      record.push_back(std::move(field));
      field.clear();
      any = true;
    } else if (!quoted && c == '\n') {
      end_record();
    } else if (quoted || c != '\r') {
      field += c;
      any = true;
    }
  }
  if (quoted) throw Error(where, "a quotation mark isn't closed");
  end_record();
  return records;
}

}  // namespace

void each_row_of(const std::filesystem::path& folder, const std::string& file,
                 const std::function<void(const Row& row, const RowPlace& place)>& take) {
  RowPlace place{path_of(folder, file)};
  std::ifstream stream(place.file, std::ios::binary);
  bool any = false;
  for (std::string line; std::getline(stream, line); ++place.line) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      take(row_of(line, place), place);
      any = true;
    }
    place.offset += static_cast<std::int64_t>(line.size()) + 1;
  }
  if (stream.bad()) throw Error(place.file.string(), "it can't be read");
  if (!any) throw Error(place.file.string(), "it has no rows");
}

Row read_row(const RowPlace& place) {
  std::ifstream stream(place.file, std::ios::binary);
  std::string line;
  if (!stream.seekg(place.offset) || !std::getline(stream, line)) {
    throw Error(place.file.string(), "it has changed while it was read");
  }
  return row_of(line, place);
}

std::vector<Row> read_rows(const std::filesystem::path& folder, const std::string& file) {
  std::vector<Row> rows;
  each_row_of(folder, file, [&](const Row& row, const RowPlace&) { rows.push_back(row); });
  return rows;
}

std::vector<Row> read_table(const std::filesystem::path& folder, const std::string& file) {
  const std::string where = path_of(folder, file).string();
  const auto records = records_of(read_file(where), where);
  if (records.size() < 2) throw Error(where, "it has no rows");
  std::vector<Row> rows;
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (records[i].size() != records[0].size()) {
      throw Error(where + ", record " + std::to_string(i + 1),
                  "it has not as many fields as the first line has names");
    }
    nlohmann::json object;
    for (std::size_t field = 0; field < records[i].size(); ++field) {
      object[records[0][field]] = records[i][field];
    }
    rows.emplace_back(std::move(object), where + ", record " + std::to_string(i + 1));
  }
  return rows;
}

}  // namespace r1::evaluate
