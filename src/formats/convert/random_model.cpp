#include "formats/convert/random_model.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "formats/convert/gguf_export.h"
#include "formats/convert/rope_factors.h"
#include "formats/stored_tensor.h"
#include "formats/tensor_names.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;
using Shape = std::vector<std::int64_t>;

/// Lists the tensors of a config, layer by layer.
class ShapeList {
 public:
  explicit ShapeList(const Json& config) : config_(config) {}

  std::vector<std::pair<std::string, Shape>> make() {
    const std::int64_t vocabulary = size("vocab_size"), width = size("hidden_size");
    const bool latent = config_.contains("kv_lora_rank");
    add("token_embd.weight", {vocabulary, width});
    for (std::int64_t layer = 0; layer < size("num_hidden_layers"); ++layer) {
      layer_ = "blk." + std::to_string(layer) + ".";
      add(layer_ + "attn_norm.weight", {width});
      latent ? add_latent_attention(width) : add_attention(width);
      add(layer_ + "ffn_norm.weight", {width});
      if (latent && layer >= size("first_k_dense_replace")) {
        add_experts(width);
      } else {
        add_feed_forward("", width, size("intermediate_size"));
      }
    }
    add("output_norm.weight", {width});
    if (!config_.at("tie_word_embeddings").get<bool>()) add("output.weight", {vocabulary, width});
    return std::move(shapes_);
  }

 private:
  std::int64_t size(const char* key) const { return config_.at(key).get<std::int64_t>(); }
  void add(std::string name, Shape shape) {
    shapes_.emplace_back(std::move(name), std::move(shape));
  }

  void add_attention(std::int64_t width) {
    const std::int64_t head = size("head_dim"), queries = size("num_attention_heads") * head;
    const std::int64_t keys = size("num_key_value_heads") * head;
    const bool biased = config_.at("model_type") == "qwen2";
    for (const auto& [name, rows] :
         {std::pair("attn_q", queries), std::pair("attn_k", keys), std::pair("attn_v", keys)}) {
      add(layer_ + name + ".weight", {rows, width});
      if (biased) add(layer_ + name + ".bias", {rows});
    }
    add(layer_ + "attn_output.weight", {width, queries});
  }

  void add_latent_attention(std::int64_t width) {
    const std::int64_t heads = size("num_attention_heads"), rank = size("kv_lora_rank");
    const std::int64_t nope = size("qk_nope_head_dim"), rotated = size("qk_rope_head_dim");
    const std::int64_t value = size("v_head_dim"), queries = heads * (nope + rotated);
    if (config_.at("q_lora_rank").is_null()) {
      add(layer_ + "attn_q.weight", {queries, width});
    } else {
      const std::int64_t q_rank = size("q_lora_rank");
      add(layer_ + "attn_q_a.weight", {q_rank, width});
      add(layer_ + "attn_q_a_norm.weight", {q_rank});
      add(layer_ + "attn_q_b.weight", {queries, q_rank});
    }
    add(layer_ + "attn_kv_a_mqa.weight", {rank + rotated, width});
    add(layer_ + "attn_kv_a_norm.weight", {rank});
    add(layer_ + "attn_k_b.weight", {heads, rank, nope});
    add(layer_ + "attn_v_b.weight", {heads, value, rank});
    add(layer_ + "attn_output.weight", {width, heads * value});
  }

  void add_feed_forward(const std::string& suffix, std::int64_t width, std::int64_t inner) {
    add(layer_ + "ffn_gate" + suffix + ".weight", {inner, width});
    add(layer_ + "ffn_up" + suffix + ".weight", {inner, width});
    add(layer_ + "ffn_down" + suffix + ".weight", {width, inner});
  }

  void add_experts(std::int64_t width) {
    const std::int64_t experts = size("n_routed_experts"), inner = size("moe_intermediate_size");
    add(layer_ + "ffn_gate_inp.weight", {experts, width});
    if (config_.at("scoring_func") == "sigmoid") add(layer_ + "exp_probs_b.bias", {experts});
    add(layer_ + "ffn_gate_exps.weight", {experts, inner, width});
    add(layer_ + "ffn_up_exps.weight", {experts, inner, width});
    add(layer_ + "ffn_down_exps.weight", {experts, width, inner});
    add_feed_forward("_shexp", width, inner * size("n_shared_experts"));
  }

  const Json& config_;
  std::string layer_;
  std::vector<std::pair<std::string, Shape>> shapes_;
};

/// FNV-1a: a tensor's numbers depend on its name, not on its place in the file.
std::uint64_t stream_of(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

WeightSource random_source(const std::string& name, const Shape& shape, std::uint64_t seed) {
  const std::int64_t columns = shape.back();
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  if (name.ends_with("_norm.weight")) {
    return source_of_numbers(std::vector<float>(static_cast<std::size_t>(columns), 1.0f));
  }
  const float deviation =
      name.ends_with(".bias") ? 0.01f : 1.0f / std::sqrt(static_cast<float>(columns));
  // Rows begin at a multiple of four, as fill_normal wants it.
  const std::int64_t stride = (columns + 3) / 4 * 4;
  auto read = [=, stream = stream_of(name)](std::int64_t first, std::int64_t count, float* out) {
    for (std::int64_t row = 0; row < count; ++row) {
      fill_normal(seed, stream, static_cast<std::uint64_t>((first + row) * stride),
                  {out + row * columns, static_cast<std::size_t>(columns)}, deviation);
    }
  };
  return {rows, columns, DType::f32, std::move(read), std::nullopt, {}};
}

/// The matrices whose products are added to what passes a block.
bool ends_a_block(const std::string& name) {
  return name.ends_with(".o_proj.weight") || name.ends_with(".down_proj.weight");
}

/// GGUF's names of what multi-token prediction adds: a layer like the last one, and its own parts.
void add_prediction_layer(const Json& config, std::vector<std::pair<std::string, Shape>>& shapes) {
  const auto layers = config.at("num_hidden_layers").get<std::int64_t>();
  const auto width = config.at("hidden_size").get<std::int64_t>();
  const std::string last = "blk." + std::to_string(layers - 1) + ".";
  const std::string added = "blk." + std::to_string(layers) + ".";
  const auto main = shapes;
  for (const auto& [name, shape] : main) {
    if (name.starts_with(last)) shapes.emplace_back(added + name.substr(last.size()), shape);
  }
  shapes.emplace_back(added + "nextn.eh_proj.weight", Shape{width, 2 * width});
  for (const char* name : {"enorm", "hnorm", "shared_head_norm"}) {
    shapes.emplace_back(added + "nextn." + name + ".weight", Shape{width});
  }
}

}  // namespace

std::vector<std::pair<std::string, Shape>> gguf_shapes(const Json& config) {
  return ShapeList(config).make();
}

std::vector<std::pair<std::string, Shape>> hugging_face_shapes(const Json& config) {
  std::vector<std::pair<std::string, Shape>> gguf = gguf_shapes(config);
  if (config.value("num_nextn_predict_layers", 0) > 0) add_prediction_layer(config, gguf);
  std::vector<std::pair<std::string, Shape>> shapes;
  for (const auto& [from, shape] : gguf) {
    const std::string name = hugging_face_name(from).value_or(from);
    const std::size_t star = name.find('*');
    if (star != std::string::npos) {
      for (std::int64_t expert = 0; expert < shape[0]; ++expert) {
        shapes.emplace_back(std::string(name).replace(star, 1, std::to_string(expert)),
                            Shape{shape[1], shape[2]});
      }
    } else if (const std::size_t at = name.find("k_b_proj"); at != std::string::npos) {
      const std::int64_t rows = shape[0] * (shape[2] + config.at("v_head_dim").get<std::int64_t>());
      shapes.emplace_back(name.substr(0, at) + "kv_b_proj.weight", Shape{rows, shape[1]});
    } else if (name.find("v_b_proj") == std::string::npos) {
      shapes.emplace_back(name, shape);
    }
  }
  return shapes;
}

Checkpoint initial_model(const Json& config, float deviation, std::uint64_t seed) {
  std::map<std::string, TensorView, std::less<>> tensors;
  std::vector<std::shared_ptr<const void>> owners;
  for (const auto& [name, shape] : hugging_face_shapes(config)) {
    const auto count = static_cast<std::size_t>(*element_count(shape));
    const bool norm = name.find("norm") != std::string::npos;
    const auto numbers = std::make_shared<std::vector<float>>(count, norm ? 1.0f : 0.0f);
    if (shape.size() > 1 && !ends_a_block(name)) {
      fill_normal(seed, stream_of(name), 0, *numbers, deviation);
    }
    tensors[name] = {DType::f32, shape, std::as_bytes(std::span(*numbers))};
    owners.push_back(numbers);
  }
  return Checkpoint::of("the initial model", config, Json::object(), std::move(tensors),
                        std::move(owners));
}

void write_random_model(const RandomModelOptions& options) {
  Json config = model_shape(options.shape);
  if (options.layers > 0) config["num_hidden_layers"] = options.layers;
  const auto format = parse_target_format(options.format);
  if (!format) {
    throw Error("--dtype", "'" + options.format + "' is no type",
                "known are " + target_format_names());
  }
  if (options.target.extension() != ".gguf") {
    throw Error("--output", "'" + options.target.string() + "' doesn't end in .gguf",
                "random models are written as GGUF files");
  }
  GgufMetadata metadata;
  add_gguf_config(config, Json::object(), "random " + options.shape, metadata);
  std::optional<TokenizerData> tokenizer;
  if (!options.tokenizer.empty()) tokenizer = read_tokenizer_of(options.tokenizer);
  add_tokenizer_or_bytes(config, tokenizer, metadata, options.note);
  std::vector<ExportTensor> tensors;
  for (auto& [name, shape] : gguf_shapes(config)) {
    tensors.push_back({name, shape, random_source(name, shape, options.seed)});
  }
  const auto& scaling = config.at("rope_scaling");
  if (scaling.is_object() && scaling.at("rope_type") == "llama3") {
    const std::int64_t head = config.at("head_dim");
    tensors.push_back(
        {"rope_freqs.weight",
         {head / 2},
         source_of_numbers(llama3_rope_factors(scaling, config.at("rope_theta"), head))});
  }
  for (ExportTensor& tensor : tensors) tensor.type = type_in_gguf(tensor);
  write_gguf(options.target, std::move(metadata), std::move(tensors), format, options.note);
}

}  // namespace r1
