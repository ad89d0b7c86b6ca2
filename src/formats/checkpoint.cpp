#include "formats/checkpoint.h"

#include <utility>

#include "base/error.h"
#include "formats/config.h"
#include "formats/gguf.h"
#include "formats/gguf_config.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/tensor_names.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

DType known_type(const StoredTensor& tensor, const std::string& where) {
  if (tensor.dtype) return *tensor.dtype;
  throw Error(where, "stores " + tensor.name + " as " + tensor.type,
              "that type is not supported, take the model in another");
}

}  // namespace

class CheckpointBuilder {
 public:
  explicit CheckpointBuilder(const std::filesystem::path& path) : where_(path.string()) {
    result_.path_ = path;
  }

  Checkpoint from_gguf() {
    const Gguf gguf = Gguf::open(result_.path_);
    result_.config_ = config_of_gguf(gguf, where_);
    result_.generation_config_ = generation_config_of_gguf(gguf.metadata());
    result_.interleaved_rope_ = result_.config_["model_type"] == "llama";
    for (const StoredTensor& tensor : gguf.tensors()) add_gguf_tensor(tensor);
    result_.files_.push_back(std::make_shared<const std::vector<MappedFile>>(gguf.files()));
    return std::move(result_);
  }

  Checkpoint from_hugging_face() {
    const std::filesystem::path folder =
        std::filesystem::is_directory(result_.path_) ? result_.path_ : result_.path_.parent_path();
    if (!std::filesystem::exists(folder / "config.json")) {
      throw Error(folder.string(), "has no config.json",
                  "give a GGUF file or a folder in Hugging Face's form");
    }
    result_.config_ = read_ordered_json(folder / "config.json");
    normalise_config(result_.config_, (folder / "config.json").string());
    result_.generation_config_ = Json::object();
    if (std::filesystem::exists(folder / "generation_config.json")) {
      result_.generation_config_ = read_ordered_json(folder / "generation_config.json");
    }
    const Safetensors file = Safetensors::open(result_.path_);
    for (const auto& [name, tensor] : file.tensors()) {
      add(name, {known_type(tensor, where_), tensor.shape, tensor.bytes});
    }
    result_.files_ = file.owners();
    count_prediction_layers();
    return std::move(result_);
  }

 private:
  void add(const std::string& name, TensorView view) {
    if (!result_.tensors_.emplace(name, std::move(view)).second) {
      throw Error(where_, "has the tensor " + name + " twice");
    }
  }

  void add_gguf_tensor(const StoredTensor& tensor) {
    const TensorView view{known_type(tensor, where_), tensor.shape, tensor.bytes};
    const std::string name = hugging_face_name(tensor.name).value_or(tensor.name);
    const std::size_t star = name.find('*');
    if (star != std::string::npos) {
      add_experts(name.substr(0, star), name.substr(star + 1), view, tensor.name);
    } else if (name.ends_with(".k_b_proj.weight") || name.ends_with(".v_b_proj.weight")) {
      add(name, split_into_heads(view, tensor.name));
    } else {
      add(name, view);
    }
  }

  void add_experts(const std::string& before, const std::string& after, const TensorView& merged,
                   const std::string& name) {
    if (merged.shape.size() != 3 || merged.shape[0] < 1 ||
        merged.shape[0] != result_.config_.value("n_routed_experts", 0)) {
      throw Error(where_, "tensor " + name + " doesn't hold one matrix an expert");
    }
    const auto size = merged.bytes.size() / static_cast<std::size_t>(merged.shape[0]);
    for (std::int64_t expert = 0; expert < merged.shape[0]; ++expert) {
      add(std::string(before).append(std::to_string(expert)).append(after),
          {merged.dtype,
           {merged.shape[1], merged.shape[2]},
           merged.bytes.subspan(static_cast<std::size_t>(expert) * size, size)});
    }
  }

  /// Some files keep the heads' matrices below each other in one of two dimensions.
  TensorView split_into_heads(TensorView view, const std::string& name) const {
    if (view.shape.size() == 3) return view;
    const std::int64_t heads = result_.config_.value("num_attention_heads", 0);
    if (view.shape.size() != 2 || heads == 0 || view.shape[0] % heads != 0) {
      throw Error(where_, "tensor " + name + " doesn't hold one matrix a head");
    }
    view.shape = {heads, view.shape[0] / heads, view.shape[1]};
    return view;
  }

  /// Configurations promise a prediction layer that their weights lack: the weights decide.
  void count_prediction_layers() {
    Json& config = result_.config_;
    if (config["model_type"] != "deepseek_v3") return;
    const auto layers = config.find("num_hidden_layers");
    if (layers == config.end() || !layers->is_number_unsigned()) return;
    const auto first = layers->get<std::uint64_t>();
    std::uint64_t count = 0;
    while (result_.find("model.layers." + std::to_string(first + count) + ".eh_proj.weight")) {
      ++count;
    }
    config["num_nextn_predict_layers"] = count;
  }

  Checkpoint result_;
  std::string where_;
};

Checkpoint Checkpoint::open(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) throw Error(path.string(), "no such file or folder");
  CheckpointBuilder builder(path);
  try {
    const bool folder = std::filesystem::is_directory(path) || path.extension() == ".safetensors";
    return folder ? builder.from_hugging_face() : builder.from_gguf();
  } catch (const Json::exception& error) {
    throw Error(path.string(),
                std::string("has a config of the wrong kind (") + error.what() + ")");
  }
}

Checkpoint Checkpoint::of(const std::filesystem::path& path, Json config, Json generation_config,
                          std::map<std::string, TensorView, std::less<>> tensors,
                          std::vector<std::shared_ptr<const void>> owners) {
  Checkpoint result;
  result.path_ = path;
  result.config_ = std::move(config);
  result.generation_config_ = std::move(generation_config);
  result.tensors_ = std::move(tensors);
  result.files_ = std::move(owners);
  return result;
}

std::int64_t TensorView::elements() const {
  return element_count(shape).value_or(0);
}

const TensorView* Checkpoint::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const TensorView& Checkpoint::at(std::string_view name) const {
  const TensorView* view = find(name);
  if (view == nullptr) throw Error(path_.string(), "lacks the tensor " + std::string(name));
  return *view;
}

std::int64_t Checkpoint::tensor_bytes() const {
  std::int64_t total = 0;
  for (const auto& [name, view] : tensors_) total += static_cast<std::int64_t>(view.bytes.size());
  return total;
}

}  // namespace r1
