// The last step of writing a GGUF file: types chosen, tensors streamed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/checkpoint.h"
#include "formats/convert/quantization_mix.h"
#include "formats/convert/tensor_export.h"
#include "formats/gguf_metadata.h"
#include "formats/tokenizer_data.h"

namespace r1 {

using Note = std::function<void(const std::string&)>;

/// The type that a tensor gets in a GGUF file when no other is wanted: its own, but f32 for what
/// all files keep so.
DType type_in_gguf(const ExportTensor& tensor);

/// Writes the file; `format` changes the matrices' types, and each row length that forbids the
/// wanted one is noted.
void write_gguf(const std::filesystem::path& path, GgufMetadata metadata,
                std::vector<ExportTensor> tensors, const std::optional<TargetFormat>& format,
                const Note& note);

/// The tokenizer of a folder or a GGUF file. Throws Error.
TokenizerData read_tokenizer_of(const std::filesystem::path& path);
/// Adds the tokenizer to the metadata, or, noted, a byte-level one if there is none.
void add_tokenizer_or_bytes(const nlohmann::ordered_json& config,
                            const std::optional<TokenizerData>& tokenizer, GgufMetadata& metadata,
                            const Note& note);
void note_tokens_left_out(std::int64_t count, const Note& note);

}  // namespace r1
