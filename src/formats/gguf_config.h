// A model's configuration in GGUF's metadata, for the architectures llama, qwen2 and deepseek2.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "formats/gguf.h"

namespace r1 {

/// config.json, in the form of normalise_config(), from a GGUF's metadata and tensors. llama3's
/// rope scaling isn't in it: GGUF keeps it as the tensor rope_freqs.weight. Throws Error for other
/// architectures and for missing values.
nlohmann::ordered_json config_of_gguf(const Gguf& gguf, const std::string& where);

/// generation_config.json from a GGUF's metadata: bos and eos ids, sampling parameters.
nlohmann::ordered_json generation_config_of_gguf(const GgufMetadata& metadata);

}  // namespace r1
