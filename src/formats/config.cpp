#include "formats/config.h"

#include <string_view>

#include "base/error.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

bool missing(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null();
}

void set_default(Json& config, std::string_view key, Json value) {
  if (missing(config, key)) config[std::string(key)] = std::move(value);
}

void rename(Json& object, std::string_view from, std::string_view to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  Json value = *found;
  object.erase(found);
  set_default(object, to, std::move(value));
}

/// transformers 5 keeps all about rope in one object, released files in two places.
void normalise_rope(Json& config) {
  if (!missing(config, "rope_parameters")) {
    Json parameters = config["rope_parameters"];
    if (!missing(parameters, "rope_theta")) {
      config["rope_theta"] = parameters["rope_theta"];
      parameters.erase("rope_theta");
    }
    config["rope_scaling"] = parameters;
  }
  config.erase("rope_parameters");
  set_default(config, "rope_theta", 10000.0);
  if (missing(config, "rope_scaling")) {
    config["rope_scaling"] = nullptr;
    return;
  }
  Json& scaling = config["rope_scaling"];
  rename(scaling, "type", "rope_type");
  if (missing(scaling, "rope_type") || scaling["rope_type"] == "default") scaling = nullptr;
}

void normalise_heads(Json& config) {
  if (missing(config, "num_attention_heads")) return;
  set_default(config, "num_key_value_heads", config["num_attention_heads"]);
  const Json& heads = config["num_attention_heads"];
  if (missing(config, "head_dim") && heads.is_number_unsigned() && heads.get<std::uint64_t>() > 0 &&
      !missing(config, "hidden_size") && config["hidden_size"].is_number_unsigned()) {
    config["head_dim"] = config["hidden_size"].get<std::uint64_t>() / heads.get<std::uint64_t>();
  }
}

void normalise_deepseek(Json& config, bool v3) {
  config.erase("head_dim");
  config.erase("qk_head_dim");
  set_default(config, "scoring_func", v3 ? "sigmoid" : "softmax");
  set_default(config, "topk_method", v3 ? "noaux_tc" : "greedy");
  set_default(config, "norm_topk_prob", v3);
  set_default(config, "n_group", v3 ? 8 : 1);
  set_default(config, "topk_group", v3 ? 4 : 1);
  set_default(config, "routed_scaling_factor", v3 ? 2.5 : 1.0);
  set_default(config, "first_k_dense_replace", v3 ? 3 : 0);
  set_default(config, "moe_layer_freq", 1);
  set_default(config, "num_nextn_predict_layers", 0);
  set_default(config, "q_lora_rank", nullptr);
}

}  // namespace

void normalise_config(Json& config, const std::string& where) {
  if (!config.is_object() || missing(config, "model_type") || !config["model_type"].is_string()) {
    throw Error(where, "says no model_type", "it is not the config.json of a model");
  }
  try {
    normalise_rope(config);
    rename(config, "dtype", "torch_dtype");
    const std::string type = config["model_type"];
    if (type == "llama" || type == "qwen2") normalise_heads(config);
    if (type == "deepseek_v2" || type == "deepseek_v3") {
      normalise_deepseek(config, type == "deepseek_v3");
    }
    set_default(config, "rms_norm_eps", 1e-6);
    set_default(config, "tie_word_embeddings", false);
    set_default(config, "max_position_embeddings", 2048);
  } catch (const Json::exception& error) {
    throw Error(where, std::string("has an entry of the wrong kind (") + error.what() + ")");
  }
}

}  // namespace r1
