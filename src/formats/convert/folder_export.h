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
  /// Written as chat_template.jinja, which goes before the tokenizer's own; empty: none.
  std::string chat_template = {};
  std::int64_t shard_bytes = 5'000'000'000;
};

/// The model with q and k rows in Hugging Face's order, where it comes from a GGUF of llama; with
/// `join`, kv_b_proj is put together again too, as a float matrix. Only what changes is copied.
Checkpoint in_hugging_face_order(const Checkpoint& model, bool join);

/// Writes config.json, generation_config.json, the weights (in shards with an index if they exceed
/// one) and the tokenizer's files. llama's q and k rows go back to halves, kv_b_proj is put
/// together again. The folder appears when all is written. Throws Error if it is there already.
void write_folder(const Checkpoint& model, const FolderOptions& options);

}  // namespace r1
