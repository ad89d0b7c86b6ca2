// A model in Hugging Face's form as the tensors and metadata of a GGUF file.
#pragma once

#include <vector>

#include "formats/checkpoint.h"
#include "formats/convert/tensor_export.h"
#include "formats/gguf_metadata.h"

namespace r1 {

/// The tensors under GGUF's names, in its order and form, as llama.cpp's converter makes them:
/// experts merged, kv_b_proj split and transposed for absorbed latent attention, llama's q and k
/// rows permuted, fp8 dequantized. `model` must outlive them; their types are still to be chosen.
/// Throws Error for tensors that the format has no place for.
std::vector<ExportTensor> gguf_tensors(const Checkpoint& model);

/// The architecture's metadata from a config in the form of normalise_config() and sampling's from
/// a generation_config. `name` is the model's. Throws Error for what GGUF can't say.
void add_gguf_config(const nlohmann::ordered_json& config,
                     const nlohmann::ordered_json& generation_config, const std::string& name,
                     GgufMetadata& metadata);

}  // namespace r1
