// Shapes of models that are known by name: released ones and one for quick measurements.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace r1 {

/// The configuration of a shape in the form of normalise_config(). Throws Error for an unknown
/// name.
nlohmann::ordered_json model_shape(std::string_view name);
/// "qwen2-1.5b, qwen2-7b, ...": for messages and help.
std::string model_shape_names();

}  // namespace r1
