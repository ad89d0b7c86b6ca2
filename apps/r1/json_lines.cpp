#include "json_lines.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace r1::app {

std::string text_field(const nlohmann::json& object, const char* name, const std::string& where,
                       const std::string& remedy) {
  const auto value = object.find(name);
  if (value == object.end() || !value->is_string()) {
    throw Error(where, std::string("it has no text \"") + name + "\"", remedy);
  }
  return value->get<std::string>();
}

}  // namespace r1::app
