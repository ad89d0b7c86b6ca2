#include "formats/convert/gguf_export.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "formats/convert/rope_factors.h"
#include "formats/tensor_names.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t size_in(const Json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_number_integer()) {
    throw Error("config.json", std::string("lacks ") + key);
  }
  return found->get<std::int64_t>();
}

void require_shape(const Checkpoint& model, const std::string& name,
                   const std::vector<std::int64_t>& shape) {
  if (model.at(name).shape != shape) {
    throw Error(model.path().string(), "tensor " + name + " hasn't the shape its config asks for");
  }
}

/// Buffers that old files carry along; scales belong to their fp8 weights.
bool is_no_weight(const std::string& name) {
  return name.ends_with(".rotary_emb.inv_freq") || name.ends_with("_scale_inv");
}

class GgufTensorList {
 public:
  explicit GgufTensorList(const Checkpoint& model)
      : model_(model), type_(model.config().value("model_type", std::string())) {}

  std::vector<ExportTensor> make() {
    const bool tied = model_.config().value("tie_word_embeddings", false);
    for (const auto& [name, view] : model_.tensors()) {
      if (is_no_weight(name) || (tied && name == "lm_head.weight")) continue;
      if (const auto expert = expert_number(name)) {
        experts_[renamed(name)].emplace(*expert, name);
      } else if (name.ends_with(".kv_b_proj.weight")) {
        add_latent_projections(name);
      } else {
        add(name, view);
      }
    }
    for (const auto& [name, parts] : experts_) add_experts(name, parts);
    add_rope_factors();
    sort();
    return std::move(tensors_);
  }

 private:
  std::string renamed(const std::string& name) const {
    const auto found = gguf_name(name);
    if (!found) throw Error(model_.path().string(), "GGUF has no place for the tensor " + name);
    return *found;
  }

  void add(const std::string& name, const TensorView& view) {
    WeightSource source = source_of(model_, name);
    if (type_ == "llama" && (name.find(".q_proj.") != std::string::npos ||
                             name.find(".k_proj.") != std::string::npos)) {
      source = with_neighbouring_pairs(name, view);
    }
    tensors_.push_back({renamed(name), view.shape, std::move(source)});
  }

  /// Hugging Face rotates the two halves of a head, llama.cpp neighbours: row 2i and 2i + 1 of a
  /// head are i and i + head_dim / 2 there. A bias is a matrix of one column.
  WeightSource with_neighbouring_pairs(const std::string& name, const TensorView& view) const {
    const std::int64_t head = size_in(model_.config(), "head_dim");
    const std::int64_t rows = view.shape.empty() ? 1 : view.shape[0];
    if (head < 2 || head % 2 != 0 || rows % head != 0) {
      throw Error(model_.path().string(), "tensor " + name + " doesn't consist of whole heads");
    }
    if (model_.interleaved_rope()) return source_of(model_, name);
    WeightSource source = view.shape.size() == 1 ? source_of(view.dtype, {rows, 1}, view.bytes)
                                                 : source_of(model_, name);
    return gathered({std::move(source)}, rows, [head](std::int64_t row) {
      const std::int64_t in_head = row % head;
      return SourceRow{0, row - in_head + in_head % 2 * (head / 2) + in_head / 2};
    });
  }

  /// kv_b_proj [heads (nope + v), rank] holds each head's key and value matrices. Absorbed into the
  /// query the keys' are needed transposed: attn_k_b [heads, rank, nope], attn_v_b [heads, v,
  /// rank].
  void add_latent_projections(const std::string& name) {
    const std::int64_t heads = size_in(model_.config(), "num_attention_heads");
    const std::int64_t rank = size_in(model_.config(), "kv_lora_rank");
    const std::int64_t nope = size_in(model_.config(), "qk_nope_head_dim");
    const std::int64_t value = size_in(model_.config(), "v_head_dim");
    require_shape(model_, name, {heads * (nope + value), rank});
    const WeightSource both = source_of(model_, name);
    const auto rows_of = [=](std::int64_t from, std::int64_t count) {
      return gathered({both}, heads * count, [=](std::int64_t row) {
        return SourceRow{0, row / count * (nope + value) + from + row % count};
      });
    };
    const std::string before = name.substr(0, name.size() - std::string("kv_b_proj.weight").size());
    tensors_.push_back({renamed(before + "k_b_proj.weight"),
                        {heads, rank, nope},
                        transposed_blocks(rows_of(0, nope), nope)});
    tensors_.push_back(
        {renamed(before + "v_b_proj.weight"), {heads, value, rank}, rows_of(nope, value)});
  }

  void add_experts(const std::string& name, const std::map<int, std::string>& parts) {
    const std::int64_t count = size_in(model_.config(), "n_routed_experts");
    if (static_cast<std::int64_t>(parts.size()) != count || parts.rbegin()->first != count - 1) {
      throw Error(model_.path().string(), "has " + std::to_string(parts.size()) + " of " +
                                              std::to_string(count) + " experts for " + name);
    }
    const std::vector<std::int64_t> shape = model_.at(parts.at(0)).shape;
    if (shape.size() != 2)
      throw Error(model_.path().string(), "tensor " + parts.at(0) + " is no matrix");
    std::vector<WeightSource> sources;
    for (const auto& [number, part] : parts) {
      require_shape(model_, part, shape);
      sources.push_back(source_of(model_, part));
    }
    const std::int64_t rows = shape[0];
    tensors_.push_back({name,
                        {count, rows, shape[1]},
                        gathered(std::move(sources), count * rows, [rows](std::int64_t row) {
                          return SourceRow{static_cast<std::size_t>(row / rows), row % rows};
                        })});
  }

  void add_rope_factors() {
    const auto& scaling = model_.config()["rope_scaling"];
    if (!scaling.is_object() || scaling.value("rope_type", "") != "llama3") return;
    const std::int64_t head = size_in(model_.config(), "head_dim");
    tensors_.push_back(
        {"rope_freqs.weight",
         {head / 2},
         source_of_numbers(llama3_rope_factors(scaling, model_.config().at("rope_theta"), head))});
  }

  /// Layer by layer as they are used; the embedding first, the output last.
  void sort() {
    const auto place = [](const ExportTensor& tensor) {
      const auto layer = layer_number(hugging_face_name(tensor.name).value_or(""));
      const bool last = tensor.name.starts_with("output");
      return std::tuple(layer ? *layer : last ? 1'000'000 : -1, tensor.name);
    };
    std::sort(tensors_.begin(), tensors_.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }

  const Checkpoint& model_;
  std::string type_;
  std::vector<ExportTensor> tensors_;
  std::map<std::string, std::map<int, std::string>> experts_;  // by merged name, by number
};

class GgufConfigWriter {
 public:
  GgufConfigWriter(const Json& config, const Json& generation_config, const std::string& name,
                   GgufMetadata& metadata)
      : config_(config), generation_(generation_config), name_(name), metadata_(metadata) {}

  void write() {
    const std::string type = config_.value("model_type", std::string());
    const bool deepseek = type == "deepseek_v2" || type == "deepseek_v3";
    if (!deepseek && type != "llama" && type != "qwen2") {
      throw Error(name_, "is a model of type " + type,
                  "those that can be converted are llama, qwen2, deepseek_v2 and deepseek_v3");
    }
    architecture_ = deepseek ? "deepseek2" : type;
    metadata_.set("general.architecture", architecture_);
    metadata_.set("general.type", std::string("model"));
    metadata_.set("general.name", name_);
    const std::int64_t predicting = deepseek ? config_.value("num_nextn_predict_layers", 0) : 0;
    set_size("block_count", size_in(config_, "num_hidden_layers") + predicting);
    set_size("context_length", size_in(config_, "max_position_embeddings"));
    set_size("embedding_length", size_in(config_, "hidden_size"));
    set_size("feed_forward_length", size_in(config_, "intermediate_size"));
    set_size("vocab_size", size_in(config_, "vocab_size"));
    set_size("attention.head_count", size_in(config_, "num_attention_heads"));
    set_number("attention.layer_norm_rms_epsilon", config_.at("rms_norm_eps"));
    set_number("rope.freq_base", config_.at("rope_theta"));
    if (deepseek) {
      write_latent_attention();
      write_experts(type == "deepseek_v3");
      if (predicting > 0) set_size("nextn_predict_layers", predicting);
    } else {
      const std::int64_t head = size_in(config_, "head_dim");
      set_size("attention.head_count_kv", size_in(config_, "num_key_value_heads"));
      set_size("attention.key_length", head);
      set_size("attention.value_length", head);
      set_size("rope.dimension_count", head);
    }
    write_rope_scaling();
    write_sampling();
  }

 private:
  void set_size(const char* key, std::int64_t value) {
    metadata_.set(architecture_ + "." + key, static_cast<std::uint32_t>(value));
  }
  void set_number(const char* key, double value) {
    metadata_.set(architecture_ + "." + key, static_cast<float>(value));
  }

  /// Absorbed latent attention is, for llama.cpp, attention with one key-value head.
  void write_latent_attention() {
    const std::int64_t rank = size_in(config_, "kv_lora_rank");
    const std::int64_t rotated = size_in(config_, "qk_rope_head_dim");
    set_size("attention.head_count_kv", 1);
    // llama.cpp reads this key in all but some models; 0 says there is none.
    const auto& q_rank = config_.at("q_lora_rank");
    set_size("attention.q_lora_rank", q_rank.is_null() ? 0 : q_rank.get<std::int64_t>());
    set_size("attention.kv_lora_rank", rank);
    set_size("attention.key_length", rank + rotated);
    set_size("attention.value_length", rank);
    set_size("attention.key_length_mla", size_in(config_, "qk_nope_head_dim") + rotated);
    set_size("attention.value_length_mla", size_in(config_, "v_head_dim"));
    set_size("rope.dimension_count", rotated);
  }

  void write_experts(bool v3) {
    if (size_in(config_, "moe_layer_freq") != 1) {
      throw Error(name_, "has layers without experts between those with them",
                  "GGUF can't say that");
    }
    const bool sigmoid = config_.at("scoring_func") == "sigmoid";
    const std::int64_t groups = size_in(config_, "n_group");
    const std::string method = config_.at("topk_method");
    if (method != (sigmoid      ? "noaux_tc"
                   : groups > 1 ? "group_limited_greedy"
                                : "greedy") ||
        sigmoid != v3) {
      throw Error(name_,
                  "selects experts by " + method + " of " + config_.value("scoring_func", "") +
                      " scores in " + std::to_string(groups) + " groups",
                  "GGUF can't say that");
    }
    set_size("leading_dense_block_count", size_in(config_, "first_k_dense_replace"));
    set_size("expert_feed_forward_length", size_in(config_, "moe_intermediate_size"));
    set_size("expert_count", size_in(config_, "n_routed_experts"));
    set_size("expert_used_count", size_in(config_, "num_experts_per_tok"));
    set_size("expert_shared_count", config_.value("n_shared_experts", 0));
    set_size("expert_group_count", groups);
    set_size("expert_group_used_count", size_in(config_, "topk_group"));
    set_size("expert_gating_func", sigmoid ? 2 : 1);
    set_number("expert_weights_scale", config_.at("routed_scaling_factor"));
    metadata_.set(architecture_ + ".expert_weights_norm",
                  config_.value("norm_topk_prob", false) ? GgufBool::yes : GgufBool::no);
  }

  void write_rope_scaling() {
    const auto& scaling = config_.at("rope_scaling");
    if (scaling.is_null()) return;
    const std::string type = scaling.at("rope_type");
    if (type == "llama3" && architecture_ == "llama") return;  // the tensor rope_freqs.weight
    if (type != "linear" && type != "yarn") {
      throw Error(name_, "has rope scaling of type " + type,
                  "linear and yarn, and for llama llama3, can be converted");
    }
    metadata_.set(architecture_ + ".rope.scaling.type", type);
    set_number("rope.scaling.factor", scaling.at("factor"));
    if (type == "linear") return;
    set_size("rope.scaling.original_context_length",
             scaling.value("original_max_position_embeddings",
                           size_in(config_, "max_position_embeddings")));
    set_number("rope.scaling.yarn_beta_fast", scaling.value("beta_fast", 32.0));
    set_number("rope.scaling.yarn_beta_slow", scaling.value("beta_slow", 1.0));
    if (scaling.contains("attention_factor")) {
      set_number("rope.scaling.yarn_attn_factor", scaling["attention_factor"]);
    }
    if (!scaling.contains("mscale_all_dim")) return;
    const double all = scaling["mscale_all_dim"];
    if (scaling.value("mscale", all) != all) {
      throw Error(name_, "has rope scaling with two different mscales", "GGUF can't say that");
    }
    // llama.cpp's converter stores a tenth of it, and its loader takes that back.
    set_number("rope.scaling.yarn_log_multiplier", 0.1 * all);
  }

  void write_sampling() {
    for (const auto& [name, key] : {std::pair("temperature", "general.sampling.temp"),
                                    std::pair("top_p", "general.sampling.top_p")}) {
      const auto found = generation_.find(name);
      if (found != generation_.end() && found->is_number()) {
        metadata_.set(key, static_cast<float>(found->get<double>()));
      }
    }
    const auto top_k = generation_.find("top_k");
    if (top_k != generation_.end() && top_k->is_number_integer()) {
      metadata_.set("general.sampling.top_k", top_k->get<std::int32_t>());
    }
  }

  const Json& config_;
  const Json& generation_;
  const std::string& name_;
  GgufMetadata& metadata_;
  std::string architecture_;
};

}  // namespace

std::vector<ExportTensor> gguf_tensors(const Checkpoint& model) {
  return GgufTensorList(model).make();
}

void add_gguf_config(const Json& config, const Json& generation_config, const std::string& name,
                     GgufMetadata& metadata) {
  try {
    GgufConfigWriter(config, generation_config, name, metadata).write();
  } catch (const Json::exception& error) {
    throw Error(name, std::string("has a config of the wrong kind (") + error.what() + ")");
  }
}

}  // namespace r1
