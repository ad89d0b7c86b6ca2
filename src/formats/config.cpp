#include "formats/config.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "formats/json.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

/// The beginning of a value's text, for messages.
std::string shown(const Json& value) {
  return json_text(value).substr(0, 40);
}

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
void normalise_rope(Json& config, const std::string& where) {
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (!missing(config, key) && !config[key].is_object()) {
      throw Error(where, std::string(key) + " is " + shown(config[key]) + ", not an object");
    }
  }
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
  if (!missing(config, "head_dim") || missing(config, "hidden_size")) return;
  const Json& heads = config["num_attention_heads"];
  const Json& width = config["hidden_size"];
  if (heads.is_number_integer() && width.is_number_integer() && heads.get<std::int64_t>() > 0) {
    config["head_dim"] = width.get<std::int64_t>() / heads.get<std::int64_t>();
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

constexpr std::array kSizes = {"vocab_size",
                               "hidden_size",
                               "intermediate_size",
                               "num_hidden_layers",
                               "num_attention_heads",
                               "num_key_value_heads",
                               "head_dim",
                               "max_position_embeddings",
                               "q_lora_rank",
                               "kv_lora_rank",
                               "qk_nope_head_dim",
                               "qk_rope_head_dim",
                               "v_head_dim",
                               "n_routed_experts",
                               "n_shared_experts",
                               "num_experts_per_tok",
                               "moe_intermediate_size",
                               "first_k_dense_replace",
                               "moe_layer_freq",
                               "n_group",
                               "topk_group",
                               "num_nextn_predict_layers"};
constexpr std::array kNumbers = {"rms_norm_eps", "rope_theta", "routed_scaling_factor"};
constexpr std::array kFlags = {"tie_word_embeddings", "norm_topk_prob", "attention_bias"};
constexpr std::array kTexts = {"torch_dtype", "scoring_func", "topk_method", "hidden_act"};

void check_kinds(const Json& config, const std::string& where) {
  const auto check = [&](const auto& keys, const char* kind, const auto& fits) {
    for (const char* key : keys) {
      if (missing(config, key) || fits(config.at(key))) continue;
      throw Error(where, std::string(key) + " is " + shown(config.at(key)) + ", not " + kind);
    }
  };
  check(kSizes, "a size", [](const Json& value) {
    return value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
           value.get<std::int64_t>() <= 0x7fffffff;
  });
  check(kNumbers, "a positive number", [](const Json& value) {
    return value.is_number() && value.get<double>() > 0.0 && std::isfinite(value.get<double>());
  });
  check(kFlags, "true or false", [](const Json& value) { return value.is_boolean(); });
  check(kTexts, "a text", [](const Json& value) { return value.is_string(); });
  const Json& scaling = config.at("rope_scaling");
  if (scaling.is_null()) return;
  for (const auto& [key, value] : scaling.items()) {
    // longrope's factors are lists, one number a dimension.
    if (value.is_string() || value.is_number() || value.is_boolean() || value.is_array()) continue;
    throw Error(where, "rope_scaling's " + key + " is " + shown(value) + ", not a value");
  }
}

}  // namespace

std::span<const char* const> config_sizes() {
  return kSizes;
}

std::span<const char* const> config_numbers() {
  return kNumbers;
}

void normalise_config(Json& config, const std::string& where) {
  if (!config.is_object() || missing(config, "model_type") || !config["model_type"].is_string()) {
    throw Error(where, "says no model_type", "it is not the config.json of a model");
  }
  try {
    normalise_rope(config, where);
    rename(config, "dtype", "torch_dtype");
    const std::string type = config["model_type"];
    if (type == "llama" || type == "qwen2") normalise_heads(config);
    if (type == "deepseek_v2" || type == "deepseek_v3") {
      normalise_deepseek(config, type == "deepseek_v3");
    }
    set_default(config, "rms_norm_eps", 1e-6);
    set_default(config, "tie_word_embeddings", false);
    set_default(config, "max_position_embeddings", 2048);
    check_kinds(config, where);
  } catch (const Json::exception& error) {
    throw Error(where, std::string("has an entry of the wrong kind (") + error.what() + ")");
  }
}

}  // namespace r1
