// A tokenizer as GGUF's metadata and as Hugging Face's files.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "formats/gguf_metadata.h"
#include "formats/tokenizer_data.h"

namespace r1 {

/// Writes the tokenizer.ggml.* keys and the chat template, with one entry for each of the model's
/// `vocabulary` rows: rows without a token are filled up. Tokens beyond the last row, and merges
/// that need them, are left out; returns how many tokens were. Throws Error for a pre-tokenizer
/// that GGUF has no name for.
std::int64_t add_gguf_tokenizer(const TokenizerData& tokenizer, std::int64_t vocabulary,
                                GgufMetadata& metadata);

/// The vocabulary of a model that came without any: a token a byte, some merges, control tokens for
/// the other rows.
TokenizerData byte_tokenizer(std::int64_t vocabulary);

/// tokenizer.json in the form of the `tokenizers` library.
nlohmann::json tokenizer_json(const TokenizerData& tokenizer);
/// tokenizer_config.json, the chat template in it.
nlohmann::ordered_json tokenizer_config_json(const TokenizerData& tokenizer);

}  // namespace r1
