// Fields of the JSON objects that commands read a line each.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace r1::app {

/// The text in object[name]. Throws Error (`where`, `remedy`) if there is none.
std::string text_field(const nlohmann::json& object, const char* name, const std::string& where,
                       const std::string& remedy);

}  // namespace r1::app
