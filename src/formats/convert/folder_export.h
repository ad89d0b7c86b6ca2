// A model as a folder in Hugging Face's form.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "formats/checkpoint.h"
#include "formats/tokenizer_data.h"

namespace r1 {

struct FolderOptions {
  std::filesystem::path folder;
  /// f32, bf16 or f16 for all weights (the router's bias stays f32); without it plain types stay
  /// and quantized ones become f32.
  std::optional<DType> type;
  std::optional<TokenizerData> tokenizer;
  /// A folder whose tokenizer files are copied instead; empty: none.
  std::filesystem::path tokenizer_folder;
  std::int64_t shard_bytes = 5'000'000'000;
};

/// Writes config.json, generation_config.json, the weights (in shards with an index if they exceed
/// one) and the tokenizer's files. llama's q and k rows go back to halves, kv_b_proj is put
/// together again. The folder appears when all is written. Throws Error if it is there already.
void write_folder(const Checkpoint& model, const FolderOptions& options);

}  // namespace r1
