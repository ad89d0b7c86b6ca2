// Renders template text for the tests of the template language.
#pragma once

#include <string>
#include <string_view>

#include "formats/jinja/interpreter.h"
#include "formats/jinja/parser.h"

namespace r1::jinja {

inline std::string rendered(std::string_view source, std::string_view variables = "{}",
                            std::size_t work = Heap::work_limit) {
  const auto program = parse(source);
  return Interpreter(*program, work).render(nlohmann::ordered_json::parse(variables));
}

}  // namespace r1::jinja
