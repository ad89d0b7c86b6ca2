// JSON from files: parsed with the library, whose exceptions end here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace r1 {

/// Throws Error naming `where` for text that is no JSON document, repeats an object's key or nests
/// more than 200 deep. Objects of any size; their keys are sorted.
nlohmann::json parse_json(std::string_view text, const std::string& where);
/// The same with the keys in their order, for documents whose objects are small: inserting into
/// the ordered type takes time that grows with the square of an object's size, so of strangers'
/// documents objects of more than `most_keys` should be refused.
nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where,
                                          std::size_t most_keys = SIZE_MAX);
/// The JSON document in a file. Throws Error.
nlohmann::json read_json(const std::filesystem::path& path);
/// The same with the keys in their order, of files of at most a megabyte.
nlohmann::ordered_json read_ordered_json(const std::filesystem::path& path);
/// JSON text; bytes that are no UTF-8 become U+FFFD. indent -1: one line.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);
std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace r1
