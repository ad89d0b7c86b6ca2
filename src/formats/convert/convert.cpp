#include "formats/convert/convert.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/checkpoint.h"
#include "formats/convert/folder_export.h"
#include "formats/convert/gguf_export.h"
#include "formats/convert/gguf_file_export.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/gguf.h"
#include "formats/tokenizer_data.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;

bool names_gguf(const fs::path& path) {
  return path.extension() == ".gguf";
}

bool is_gguf_file(const fs::path& path) {
  return fs::is_regular_file(path) && path.extension() != ".safetensors";
}

/// The folder's or file's name.
std::string name_of(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

TargetFormat wanted_format(const std::string& name) {
  const auto format = parse_target_format(name);
  if (!format)
    throw Error("--dtype", "'" + name + "' is no type", "known are " + target_format_names());
  return *format;
}

bool has_tokenizer(const fs::path& path) {
  if (fs::is_directory(path)) return fs::exists(path / "tokenizer.json");
  return is_gguf_file(path) && Gguf::open(path).metadata().find("tokenizer.ggml.model") != nullptr;
}

std::optional<TokenizerData> tokenizer_for(const ConvertOptions& options) {
  if (!options.tokenizer.empty()) return read_tokenizer_of(options.tokenizer);
  if (has_tokenizer(options.source)) return read_tokenizer_of(options.source);
  return std::nullopt;
}

bool holds_fp8(const Checkpoint& model) {
  return std::any_of(model.tensors().begin(), model.tensors().end(),
                     [](const auto& tensor) { return tensor.second.dtype == DType::f8_e4m3; });
}

void gguf_to_gguf(const ConvertOptions& options) {
  const Gguf source = Gguf::open(options.source);
  GgufMetadata metadata = source.metadata();
  for (const char* key : {"split.no", "split.count", "split.tensors.count"}) metadata.erase(key);
  std::vector<ExportTensor> tensors;
  for (const StoredTensor& tensor : source.tensors()) {
    if (!tensor.dtype) {
      throw Error(options.source.string(), "stores " + tensor.name + " as " + tensor.type,
                  "files with that type can't be converted");
    }
    tensors.push_back({tensor.name, tensor.shape,
                       source_of(*tensor.dtype, tensor.shape, tensor.bytes), *tensor.dtype});
  }
  if (!options.tokenizer.empty()) {
    const StoredTensor* embedding = source.find("token_embd.weight");
    if (embedding == nullptr || embedding->shape.empty()) {
      throw Error(options.source.string(), "has no token_embd.weight to give a tokenizer to");
    }
    note_tokens_left_out(
        add_gguf_tokenizer(read_tokenizer_of(options.tokenizer), embedding->shape[0], metadata),
        options.note);
  }
  std::optional<TargetFormat> format;
  if (!options.format.empty()) format = wanted_format(options.format);
  write_gguf(options.target, std::move(metadata), std::move(tensors), format, options.note);
}

void folder_to_gguf(const ConvertOptions& options) {
  const Checkpoint model = Checkpoint::open(options.source);
  GgufMetadata metadata;
  add_gguf_config(model.config(), model.generation_config(), name_of(options.source), metadata);
  add_tokenizer_or_bytes(model.config(), tokenizer_for(options), metadata, options.note);
  std::vector<ExportTensor> tensors = gguf_tensors(model);
  for (ExportTensor& tensor : tensors) tensor.type = type_in_gguf(tensor);
  if (options.format.empty() && holds_fp8(model)) {
    options.note("GGUF has no fp8: those weights are written as bf16");
  }
  std::optional<TargetFormat> format;
  if (!options.format.empty()) format = wanted_format(options.format);
  write_gguf(options.target, std::move(metadata), std::move(tensors), format, options.note);
}

void to_folder(const ConvertOptions& options) {
  FolderOptions folder;
  folder.folder = options.target;
  if (!options.format.empty()) {
    const TargetFormat format = wanted_format(options.format);
    if (is_quantized(format.type)) {
      throw Error("--dtype", "a folder can't hold " + std::string(format.name),
                  "give f32, bf16 or f16, or a target ending in .gguf");
    }
    folder.type = format.type;
  }
  const Checkpoint model = Checkpoint::open(options.source);
  const fs::path tokenizer = options.tokenizer.empty() ? options.source : options.tokenizer;
  if (fs::is_directory(tokenizer)) {
    folder.tokenizer_folder = tokenizer;
  } else if (has_tokenizer(tokenizer)) {
    folder.tokenizer = read_tokenizer_of(tokenizer);
  }
  if (folder.tokenizer && folder.tokenizer->algorithm != TokenizerData::Algorithm::byte_pair) {
    options.note("a SentencePiece vocabulary has no form as tokenizer.json: none is written");
    folder.tokenizer.reset();
  }
  if (!folder.type && is_gguf_file(options.source)) {
    options.note("quantized weights, if any, are written as f32, which keeps their values exactly");
  }
  write_folder(model, folder);
}

}  // namespace

void convert(const ConvertOptions& options) {
  if (!fs::exists(options.source)) throw Error(options.source.string(), "no such file or folder");
  try {
    if (!names_gguf(options.target)) return to_folder(options);
    return is_gguf_file(options.source) ? gguf_to_gguf(options) : folder_to_gguf(options);
  } catch (const nlohmann::ordered_json::exception& error) {
    throw Error(options.source.string(),
                std::string("has a config of the wrong kind (") + error.what() + ")");
  }
}

}  // namespace r1
