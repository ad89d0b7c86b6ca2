#include "models/lora.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/reference/quantization.h"

namespace r1 {
namespace {

std::string shape_text(std::int64_t rows, std::int64_t cols) {
  return "[" + std::to_string(rows) + ", " + std::to_string(cols) + "]";
}

/// What adapter_config.json says, once it is known to be a LoRA of one rank.
struct AdapterConfig {
  std::int64_t rank = 0;
  float factor = 1.0f;  // lora_alpha / r, or lora_alpha / sqrt(r) (Kalajdzievski, rsLoRA)
  std::vector<std::string> targets;  // empty if it has no list of them
};

std::vector<std::string> targets_of(const nlohmann::json& config) {
  const auto found = config.find("target_modules");
  std::vector<std::string> targets;
  if (found == config.end() || !found->is_array()) return targets;
  for (const auto& target : *found) {
    if (target.is_string()) targets.push_back(target.get<std::string>());
  }
  return targets;
}

/// True for a key that is missing, null, false, "none", or an empty list or object.
bool is_off(const nlohmann::json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null() || *found == false || *found == "none") return true;
  return found->is_structured() && found->empty();
}

AdapterConfig read_config(const std::filesystem::path& path) {
  const nlohmann::json config = read_json(path);
  const std::string where = path.string();
  if (!config.is_object()) throw Error(where, "is not an object");
  if (const auto type = config.find("peft_type"); type != config.end() && *type != "LORA") {
    throw Error(where, "peft_type is " + json_text(*type), "only \"LORA\" runs here");
  }
  for (const char* key : {"use_dora", "bias", "fan_in_fan_out", "modules_to_save", "rank_pattern",
                          "alpha_pattern", "lora_bias", "trainable_token_indices"}) {
    if (!is_off(config, key)) {
      throw Error(where, std::string(key) + " is set, which can't be applied here",
                  "merge the adapter into the model with PEFT");
    }
  }
  const auto rank = config.find("r"), alpha = config.find("lora_alpha");
  if (rank == config.end() || !rank->is_number_integer() || *rank < 1 || *rank > (1 << 20)) {
    throw Error(where, "r is no whole number from 1 on");
  }
  if (alpha == config.end() || !alpha->is_number() || !std::isfinite(alpha->get<double>())) {
    throw Error(where, "lora_alpha is no number");
  }
  const auto r = rank->get<std::int64_t>();
  const auto scaling = config.find("use_rslora");
  const bool by_root = scaling != config.end() && *scaling == true;
  const auto divisor = static_cast<double>(r);
  return {r, static_cast<float>(alpha->get<double>() / (by_root ? std::sqrt(divisor) : divisor)),
          targets_of(config)};
}

Tensor floats_of(const StoredTensor& stored, const std::string& where) {
  const DType type = stored.dtype.value_or(DType::u8);
  const bool plain = type == DType::f32 || type == DType::bf16 || type == DType::f16;
  if (!plain || stored.shape.size() != 2) {
    throw Error(where, stored.name + " is no matrix of f32, bf16 or f16 numbers");
  }
  Tensor numbers = Tensor::empty({stored.shape[0], stored.shape[1]});
  dequantize(type, stored.bytes.data(), numbers.elements(), numbers.data());
  return numbers;
}

/// "base_model.model.<layer>.lora_A.weight": the layer, and whether it is A.
struct TensorPlace {
  std::string layer;
  bool is_a;
};

TensorPlace place_of(const std::string& name, const std::string& where) {
  constexpr std::string_view kPrefix = "base_model.model.";
  for (const bool is_a : {true, false}) {
    const std::string_view suffix = is_a ? ".lora_A.weight" : ".lora_B.weight";
    if (name.size() <= kPrefix.size() + suffix.size()) continue;
    if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) continue;
    return {name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size()), is_a};
  }
  if (name.find(".lora_embedding_") != std::string::npos) {
    throw Error(where, name + " changes an embedding, whose rows are looked up and not multiplied",
                "merge the adapter into the model with PEFT");
  }
  throw Error(where, name + " is no tensor of a LoRA");
}

}  // namespace

LoraAdapter LoraAdapter::open(const std::filesystem::path& folder) {
  LoraAdapter adapter;
  adapter.folder_ = folder;
  const AdapterConfig config = read_config(folder / "adapter_config.json");
  adapter.targets_ = config.targets;
  const std::filesystem::path file = folder / "adapter_model.safetensors";
  const std::string where = file.string();
  const Safetensors tensors = Safetensors::open(file);
  for (const auto& [name, stored] : tensors.tensors()) {
    const TensorPlace place = place_of(name, where);
    LowRank& layer = adapter.layers_[place.layer];
    (place.is_a ? layer.a : layer.b) = floats_of(stored, where);
    layer.factor = config.factor;
  }
  if (adapter.layers_.empty()) throw Error(where, "holds no adapter");
  for (const auto& [name, layer] : adapter.layers_) {
    if (config.targets.empty()) adapter.targets_.push_back(name);
    if (!layer.a.defined() || !layer.b.defined()) {
      throw Error(where, name + " has only one of lora_A and lora_B");
    }
    if (layer.a.dim(0) != config.rank || layer.b.dim(1) != config.rank) {
      throw Error(where, name + " has another rank than the " + std::to_string(config.rank) +
                             " of adapter_config.json");
    }
  }
  return adapter;
}

namespace {

/// A layer that can take an adapter.
struct Adaptable {
  std::string layer;
  std::int64_t out = 0, in = 0;
};

/// The layer that a tensor is the weight of. GGUF keeps the two parts of kv_b_proj of each head as
/// tensors of their own.
std::optional<Adaptable> adaptable(const Checkpoint& model, const std::string& tensor,
                                   const TensorView& view) {
  const std::string keys = ".k_b_proj.weight";
  if (tensor.ends_with(keys) && view.shape.size() == 3) {
    const std::string attention = tensor.substr(0, tensor.size() - keys.size());
    const TensorView& values = model.at(attention + ".v_b_proj.weight");
    if (values.shape.size() != 3) return std::nullopt;
    return Adaptable{attention + ".kv_b_proj", view.shape[0] * (view.shape[2] + values.shape[1]),
                     view.shape[1]};
  }
  if (!tensor.ends_with(".weight") || view.shape.size() != 2) return std::nullopt;
  const std::string layer = tensor.substr(0, tensor.size() - std::string(".weight").size());
  if (!is_projection(layer)) return std::nullopt;
  return Adaptable{layer, view.shape[0], view.shape[1]};
}

/// "q_proj" of "model.layers.0.self_attn.q_proj".
std::string last_part(const std::string& layer) {
  return layer.substr(layer.rfind('.') + 1);
}

bool is_target(const std::string& layer, const std::string& target) {
  return layer == target || layer.ends_with("." + target);
}

}  // namespace

bool is_projection(const std::string& layer) {
  return layer.starts_with("model.layers.") &&
         (layer.ends_with("_proj") || layer.ends_with("_proj_with_mqa"));
}

LoraAdapter LoraAdapter::create(const Checkpoint& model, const LoraOptions& options,
                                std::uint64_t seed) {
  LoraAdapter adapter;
  adapter.folder_ = model.path();
  adapter.targets_ = options.targets;
  std::set<std::string> unused(options.targets.begin(), options.targets.end());
  std::set<std::string> parts;
  for (const auto& [tensor, view] : model.tensors()) {
    const std::optional<Adaptable> found = adaptable(model, tensor, view);
    if (!found) continue;
    bool wanted = options.targets.empty();
    for (const std::string& target : options.targets) {
      if (!is_target(found->layer, target)) continue;
      wanted = true;
      unused.erase(target);
    }
    if (!wanted) continue;
    parts.insert(last_part(found->layer));
    LowRank change;
    change.a = Tensor::empty({options.rank, found->in});
    change.b = Tensor::zeros({found->out, options.rank});
    change.factor = static_cast<float>(options.alpha / static_cast<double>(options.rank));
    Random random(seed, adapter.layers_.size());
    const double bound = 1.0 / std::sqrt(static_cast<double>(found->in));
    for (std::int64_t i = 0; i < change.a.elements(); ++i) {
      change.a.data()[i] = static_cast<float>((2 * random.uniform() - 1) * bound);
    }
    adapter.layers_[found->layer] = std::move(change);
  }
  if (!unused.empty() || adapter.layers_.empty()) {
    throw Error(
        model.path().string(),
        "has no layer " + (unused.empty() ? "_proj" : *unused.begin()) + " that takes an adapter",
        "targets are names such as q_proj, kv_b_proj or experts.0.down_proj");
  }
  if (options.targets.empty()) adapter.targets_.assign(parts.begin(), parts.end());
  return adapter;
}

void LoraAdapter::write(const std::filesystem::path& folder, const std::string& base) const {
  SafetensorsWriter writer(folder / "adapter_model.safetensors");
  writer.set_metadata("format", "pt");
  for (const auto& [name, layer] : layers_) {
    writer.declare("base_model.model." + name + ".lora_A.weight", DType::f32, layer.a.shape());
    writer.declare("base_model.model." + name + ".lora_B.weight", DType::f32, layer.b.shape());
  }
  for (const auto& [name, layer] : layers_) {
    writer.write(std::as_bytes(layer.a.numbers()));
    writer.write(std::as_bytes(layer.b.numbers()));
  }
  writer.finish();
  const LowRank& first = layers_.begin()->second;
  const nlohmann::ordered_json config = {
      {"peft_type", "LORA"},
      {"task_type", "CAUSAL_LM"},
      {"base_model_name_or_path", base},
      {"r", first.a.dim(0)},
      {"lora_alpha", static_cast<double>(first.factor) * static_cast<double>(first.a.dim(0))},
      {"target_modules", targets_},
      {"lora_dropout", 0.0},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"modules_to_save", nullptr}};
  write_file(folder / "adapter_config.json", json_text(config, 2) + "\n");
}

const LowRank* LoraAdapter::find(const std::string& layer, std::int64_t out,
                                 std::int64_t in) const {
  const auto found = layers_.find(layer);
  if (found == layers_.end()) return nullptr;
  const LowRank& change = found->second;
  if (change.a.dim(1) != in || change.b.dim(0) != out) {
    throw Error(folder_.string(),
                "changes a " + layer + " of the shape " +
                    shape_text(change.b.dim(0), change.a.dim(1)) + ", this model's has " +
                    shape_text(out, in),
                "take the model that the adapter was trained for");
  }
  return &change;
}

Tensor with_neighbouring_pairs(const Tensor& b, std::int64_t head_dims) {
  Tensor result = Tensor::empty(b.shape());
  const std::int64_t rank = b.width(), half = head_dims / 2;
  for (std::int64_t row = 0; row < b.rows(); ++row) {
    const std::int64_t head = row / head_dims * head_dims, within = row % head_dims;
    const std::int64_t from = head + within / 2 + within % 2 * half;
    std::copy_n(b.data() + from * rank, rank, result.data() + row * rank);
  }
  return result;
}

}  // namespace r1
