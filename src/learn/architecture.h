// A model's architecture, written out in a recipe.
#pragma once

#include <nlohmann/json.hpp>

#include "learn/recipe.h"

namespace r1 {

/// A section with the keys of a config.json, in the form of normalise_config(); model_type is
/// "deepseek_v3" unless it says otherwise, and so are a first layer that is dense, one shared
/// expert and experts in one group. Throws Error, with the line.
nlohmann::ordered_json read_architecture(const Section& section);

/// The deviation of random weights that suits a config: 0.5 / sqrt(hidden_size), which is
/// DeepSeek-V3's 0.006 at its width of 7168. A row's product with normed activations then has a
/// deviation of 0.5 at every width, where 0.006 would leave small models' layers almost silent.
double initial_deviation(const nlohmann::ordered_json& config);

}  // namespace r1
