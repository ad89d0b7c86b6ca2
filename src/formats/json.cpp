#include "formats/json.h"

#include <set>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace r1 {
namespace {

constexpr int kDeepest = 200;
constexpr std::size_t kLargestOrdered = std::size_t{1} << 20;

template <typename Json>
Json parse(std::string_view text, const std::string& where, std::size_t most_keys = SIZE_MAX) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, typename Json::parse_event_t event, Json& parsed) {
    using Event = typename Json::parse_event_t;
    if (depth > kDeepest) throw Error(where, "nests JSON too deeply");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.template get<std::string>()).second) {
      throw Error(where, "has the JSON key " + parsed.template get<std::string>() + " twice");
    }
    if (event == Event::key && keys.back().size() > most_keys) {
      throw Error(where, "has a JSON object of more than " + std::to_string(most_keys) + " keys");
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const typename Json::exception& error) {
    throw Error(where, std::string("is no valid JSON (") + error.what() + ")");
  }
}

template <typename Json>
std::string text_of(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  return parse<nlohmann::json>(text, where);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where,
                                          std::size_t most_keys) {
  return parse<nlohmann::ordered_json>(text, where, most_keys);
}

nlohmann::json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

nlohmann::ordered_json read_ordered_json(const std::filesystem::path& path) {
  return parse_ordered_json(read_file(path, kLargestOrdered), path.string());
}

std::string json_text(const nlohmann::ordered_json& value, int indent) {
  return text_of(value, indent);
}

std::string json_text(const nlohmann::json& value, int indent) {
  return text_of(value, indent);
}

}  // namespace r1
