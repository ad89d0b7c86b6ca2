#include "id_lists.h"

#include <charconv>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"

namespace r1::app {

std::vector<int> parse_ids(const std::string& text) {
  std::vector<int> ids;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    int id = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), id);
    if (error != std::errc() || end != part.data() + part.size() || id < 0) {
      throw Error("--ids", "\"" + part + "\" is no token id", "give ids like 1,2,3");
    }
    ids.push_back(id);
  }
  if (ids.empty()) throw Error("--ids", "names no token", "give ids like 1,2,3");
  return ids;
}

std::vector<std::vector<int>> read_id_lists(const std::string& path) {
  std::vector<std::vector<int>> lists;
  std::istringstream lines(read_file(path));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = path + " line " + std::to_string(number);
    const nlohmann::json list = parse_json(line, where);
    std::vector<int> ids;
    if (list.is_array()) {
      for (const auto& id : list) {
        if (!id.is_number_integer() || id < 0 || id > (1 << 30)) break;
        ids.push_back(id.get<int>());
      }
    }
    if (ids.empty() || ids.size() != list.size()) throw Error(where, "is no list of token ids");
    lists.push_back(std::move(ids));
  }
  return lists;
}

}  // namespace r1::app
