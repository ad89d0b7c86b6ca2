// Grammars of JSON texts.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "generate/grammar.h"

namespace r1 {

/// One JSON object, nesting at most 24 deep; numbers are short enough for any reader.
std::shared_ptr<const Grammar> json_object_grammar();

/// JSON texts that a JSON Schema admits. Properties come in the schema's order, and others only
/// where the schema speaks of none. Understood are type, enum, const, properties, required,
/// additionalProperties, items, prefixItems, minItems, maxItems, minLength, maxLength, anyOf, oneOf
/// (as anyOf), allOf of one, $ref within the schema, and words that only describe. Throws Error
/// naming the place for anything else, as it couldn't be kept.
std::shared_ptr<const Grammar> json_schema_grammar(const nlohmann::ordered_json& schema);

}  // namespace r1
