// Any file of weights, of an architecture that runs here or not.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/gguf_metadata.h"
#include "formats/stored_tensor.h"

namespace r1 {

/// What a GGUF file, a safetensors file or a Hugging Face folder holds, under the file's own names.
struct ModelFile {
  std::string format;               // "GGUF" or "safetensors"
  nlohmann::ordered_json metadata;  // GGUF's; a folder's config.json; a lone file's __metadata__
  std::vector<StoredTensor> tensors;
  std::vector<std::shared_ptr<const void>> owners;  // what keeps the tensors' bytes alive

  /// Throws Error for files that are damaged or of another kind.
  static ModelFile open(const std::filesystem::path& path);
  /// The tensor of that name. Throws Error if there is none.
  const StoredTensor& at(const std::string& name) const;
};

/// The tensor's numbers as float32. Throws Error for types this program can't compute with.
std::vector<float> as_floats(const StoredTensor& tensor);

/// A GGUF value as JSON.
nlohmann::ordered_json json_of_gguf(const GgufValue& value);

}  // namespace r1
