#include "formats/convert/folder_export.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/convert/rope_factors.h"
#include "formats/convert/tensor_export.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

bool is_rotated(const std::string& name) {
  return name.find(".q_proj.") != std::string::npos || name.find(".k_proj.") != std::string::npos;
}

class FolderTensorList {
 public:
  FolderTensorList(const Checkpoint& model, std::optional<DType> type)
      : model_(model), type_(type) {}

  std::vector<ExportTensor> make() {
    for (const auto& [name, view] : model_.tensors()) {
      if (name == "rope_freqs.weight" || name.ends_with(".v_b_proj.weight")) continue;
      if (type_ && name.ends_with("_scale_inv")) continue;
      if (name.ends_with(".k_b_proj.weight")) {
        join_latent_projections(name);
      } else {
        add(name, view);
      }
    }
    return std::move(tensors_);
  }

 private:
  DType type_for(const std::string& name, DType stored) const {
    if (name.ends_with(".e_score_correction_bias")) return DType::f32;
    if (type_) return *type_;
    return is_quantized(stored) ? DType::f32 : stored;
  }

  void add(const std::string& name, const TensorView& view) {
    const DType type = type_for(name, view.dtype);
    // Without a wanted type fp8 weights go as they are, their scales beside them.
    WeightSource source = type == view.dtype ? source_of(view.dtype, view.shape, view.bytes)
                                             : source_of(model_, name);
    if (model_.interleaved_rope() && is_rotated(name)) {
      source = with_halves(name, view);
    }
    tensors_.push_back({name, view.shape, std::move(source), type});
  }

  /// The reverse of what a converter to GGUF does: row 2i or 2i + 1 of a head becomes i or
  /// i + head_dim / 2. A bias is a matrix of one column.
  WeightSource with_halves(const std::string& name, const TensorView& view) const {
    const std::int64_t head = model_.config().value("head_dim", std::int64_t{0});
    const std::int64_t rows = view.shape.empty() ? 1 : view.shape[0];
    if (head < 2 || head % 2 != 0 || rows % head != 0) {
      throw Error(model_.path().string(), "tensor " + name + " doesn't consist of whole heads");
    }
    WeightSource source = view.shape.size() == 1 ? source_of(view.dtype, {rows, 1}, view.bytes)
                                                 : source_of(view.dtype, view.shape, view.bytes);
    return gathered({std::move(source)}, rows, [head](std::int64_t row) {
      const std::int64_t in_head = row % head, half = head / 2;
      return SourceRow{0, row - in_head + in_head % half * 2 + in_head / half};
    });
  }

  /// k_b [heads, rank, nope] transposed and v_b [heads, v, rank] below each other, head by head.
  void join_latent_projections(const std::string& name) {
    const std::string before = name.substr(0, name.size() - std::string("k_b_proj.weight").size());
    const TensorView& keys = model_.at(name);
    const TensorView& values = model_.at(before + "v_b_proj.weight");
    if (keys.shape.size() != 3 || values.shape.size() != 3 || keys.shape[0] != values.shape[0] ||
        keys.shape[1] != values.shape[2]) {
      throw Error(model_.path().string(), "tensor " + name + " doesn't fit its v_b_proj");
    }
    const std::int64_t heads = keys.shape[0], rank = keys.shape[1];
    const std::int64_t nope = keys.shape[2], value = values.shape[1], both = nope + value;
    WeightSource source = gathered({transposed_blocks(source_of(model_, name), rank),
                                    source_of(model_, before + "v_b_proj.weight")},
                                   heads * both, [=](std::int64_t row) {
                                     const std::int64_t head = row / both, in_head = row % both;
                                     return in_head < nope
                                                ? SourceRow{0, head * nope + in_head}
                                                : SourceRow{1, head * value + in_head - nope};
                                   });
    tensors_.push_back({before + "kv_b_proj.weight",
                        {heads * both, rank},
                        std::move(source),
                        type_for(name, keys.dtype)});
  }

  const Checkpoint& model_;
  std::optional<DType> type_;
  std::vector<ExportTensor> tensors_;
};

/// A tensor's bytes in the type they are stored in, or as floats where they must be computed.
TensorView materialised(const ExportTensor& tensor, std::vector<std::byte>& memory) {
  const WeightSource& source = tensor.source;
  const DType type = source.stored.value_or(DType::f32);
  memory.resize(static_cast<std::size_t>(bytes_of(type, source.rows * source.columns)));
  if (source.stored) {
    source.copy(0, source.rows, memory.data());
  } else {
    source.read(0, source.rows, reinterpret_cast<float*>(memory.data()));
  }
  return {type, tensor.shape, memory};
}

std::int64_t bytes_of_tensor(const ExportTensor& tensor) {
  return bytes_of(tensor.type, tensor.source.rows * tensor.source.columns);
}

/// Cuts the list where a file would exceed `most` bytes.
std::vector<std::vector<ExportTensor>> shards_of(std::vector<ExportTensor> tensors,
                                                 std::int64_t most) {
  std::vector<std::vector<ExportTensor>> shards(1);
  std::int64_t bytes = 0;
  for (ExportTensor& tensor : tensors) {
    const std::int64_t size = bytes_of_tensor(tensor);
    if (!shards.back().empty() && bytes + size > most) {
      shards.emplace_back();
      bytes = 0;
    }
    bytes += size;
    shards.back().push_back(std::move(tensor));
  }
  return shards;
}

std::string shard_name(std::size_t shard, std::size_t count) {
  if (count == 1) return "model.safetensors";
  const auto five = [](std::size_t number) {
    const std::string digits = std::to_string(number);
    return std::string(5 - std::min<std::size_t>(digits.size(), 5), '0') + digits;
  };
  return "model-" + five(shard + 1) + "-of-" + five(count) + ".safetensors";
}

void write_weights(std::vector<ExportTensor> tensors, const fs::path& folder,
                   std::int64_t shard_bytes) {
  auto shards = shards_of(std::move(tensors), shard_bytes);
  nlohmann::json map = nlohmann::json::object();
  std::int64_t total = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shard_name(i, shards.size());
    SafetensorsWriter writer(folder / name);
    writer.set_metadata("format", "pt");
    for (const ExportTensor& tensor : shards[i]) {
      writer.declare(tensor.name, tensor.type, tensor.shape);
      map[tensor.name] = name;
      total += bytes_of_tensor(tensor);
    }
    export_tensors(shards[i], "writing " + name,
                   [&](std::span<const std::byte> bytes) { writer.write(bytes); });
    writer.finish();
  }
  if (shards.size() == 1) return;
  const nlohmann::json index = {{"metadata", {{"total_size", total}}}, {"weight_map", map}};
  write_file(folder / "model.safetensors.index.json", json_text(index, 2) + "\n");
}

std::string torch_name(DType type) {
  return type == DType::f32 ? "float32" : type == DType::f16 ? "float16" : "bfloat16";
}

/// What the weights became, and llama3's rope scaling, which GGUF keeps as a tensor.
Json config_for(const Checkpoint& model, std::optional<DType> type, bool was_quantized) {
  Json config = model.config();
  if (type) config.erase("quantization_config");
  if (type || was_quantized) config["torch_dtype"] = torch_name(type.value_or(DType::f32));
  const TensorView* factors = model.find("rope_freqs.weight");
  if (factors == nullptr) return config;
  std::vector<float> divisors(static_cast<std::size_t>(factors->elements()));
  dequantize(factors->dtype, factors->bytes.data(), factors->elements(), divisors.data());
  const auto scaling = llama3_rope_scaling(divisors, config.at("rope_theta"), config.at("head_dim"),
                                           config.at("max_position_embeddings"));
  if (!scaling) {
    throw Error(model.path().string(),
                "has rope_freqs that no rope scaling of Hugging Face's form describes");
  }
  config["rope_scaling"] = *scaling;
  return config;
}

void write_tokenizer(const FolderOptions& options, const fs::path& folder) {
  if (options.tokenizer) {
    write_file(folder / "tokenizer.json", json_text(tokenizer_json(*options.tokenizer)) + "\n");
    write_file(folder / "tokenizer_config.json",
               json_text(tokenizer_config_json(*options.tokenizer), 2) + "\n");
  }
  if (!options.chat_template.empty()) {
    write_file(folder / "chat_template.jinja", options.chat_template);
  }
  if (options.tokenizer_folder.empty()) return;
  for (const char* name :
       {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja"}) {
    const fs::path file = options.tokenizer_folder / name;
    if (fs::exists(file) && !fs::exists(folder / name)) write_file(folder / name, read_file(file));
  }
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) &&
         !(fs::is_directory(path, ignored) && fs::is_empty(path, ignored));
}

}  // namespace

Checkpoint in_hugging_face_order(const Checkpoint& model, bool join) {
  auto tensors = model.tensors();
  auto owners = model.owners();
  const auto replace = [&](const ExportTensor& tensor) {
    const auto memory = std::make_shared<std::vector<std::byte>>();
    tensors[tensor.name] = materialised(tensor, *memory);
    owners.push_back(memory);
  };
  for (const ExportTensor& tensor : FolderTensorList(model, std::nullopt).make()) {
    const bool joined = model.find(tensor.name) == nullptr;
    if (joined ? join : model.interleaved_rope() && is_rotated(tensor.name)) replace(tensor);
  }
  if (join) {
    std::erase_if(tensors, [](const auto& tensor) {
      return tensor.first.ends_with(".k_b_proj.weight") ||
             tensor.first.ends_with(".v_b_proj.weight");
    });
  }
  return Checkpoint::of(model.path(), model.config(), model.generation_config(), std::move(tensors),
                        std::move(owners));
}

void write_folder(const Checkpoint& model, const FolderOptions& options) {
  fs::path folder = options.folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (is_there(folder)) {
    throw Error(folder.string(), "is there already", "give a new name or remove it first");
  }
  std::vector<ExportTensor> tensors = FolderTensorList(model, options.type).make();
  const bool was_quantized =
      std::any_of(model.tensors().begin(), model.tensors().end(),
                  [](const auto& tensor) { return is_quantized(tensor.second.dtype); });
  const Json config = config_for(model, options.type, was_quantized);
  fs::path partial = folder;
  partial += ".partial-" + std::to_string(::getpid());
  try {
    fs::create_directories(partial);
    write_weights(std::move(tensors), partial, options.shard_bytes);
    write_file(partial / "config.json", json_text(config, 2) + "\n");
    if (!model.generation_config().empty()) {
      write_file(partial / "generation_config.json",
                 json_text(model.generation_config(), 2) + "\n");
    }
    write_tokenizer(options, partial);
    fs::rename(partial, folder);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(partial);
    throw Error(folder.string(), std::string("can't be written: ") + error.code().message());
  } catch (...) {
    fs::remove_all(partial);
    throw;
  }
}

}  // namespace r1
