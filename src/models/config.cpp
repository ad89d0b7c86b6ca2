#include "models/config.h"

#include <cmath>
#include <limits>

#include "base/error.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

/// Reads keys of one object; what is wrong becomes an Error that names file and key.
class Reader {
 public:
  Reader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  bool has(const char* key) const {
    const auto found = object_.find(key);
    return found != object_.end() && !found->is_null();
  }
  std::int64_t size(const char* key, std::int64_t least = 1) const {
    constexpr std::int64_t kMost = 1 << 24;
    const Json& value = at(key);
    if (!value.is_number_integer() || value < least || value > kMost) {
      throw Error(where_, std::string(key) + " is not a whole number from " +
                              std::to_string(least) + " to " + std::to_string(kMost));
    }
    return value.get<std::int64_t>();
  }
  std::int64_t size_or(const char* key, std::int64_t otherwise) const {
    return has(key) ? size(key, 0) : otherwise;
  }
  double number(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      throw Error(where_, std::string(key) + " is not a number");
    }
    return value.get<double>();
  }
  double number_or(const char* key, double otherwise) const {
    return has(key) ? number(key) : otherwise;
  }
  bool flag_or(const char* key, bool otherwise) const {
    if (!has(key)) return otherwise;
    const Json& value = at(key);
    if (!value.is_boolean()) throw Error(where_, std::string(key) + " is not true or false");
    return value.get<bool>();
  }
  std::string text_or(const char* key, const std::string& otherwise) const {
    if (!has(key)) return otherwise;
    const Json& value = at(key);
    if (!value.is_string()) throw Error(where_, std::string(key) + " is not a text");
    return value.get<std::string>();
  }
  const Json& at(const char* key) const {
    if (!has(key)) throw Error(where_, std::string("lacks ") + key);
    return *object_.find(key);
  }
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what); }
  const std::string& where() const { return where_; }

 private:
  const Json& object_;
  std::string where_;
};

Architecture read_architecture(const Reader& read) {
  const std::string type = read.text_or("model_type", "");
  if (type == "llama") return Architecture::llama;
  if (type == "qwen2") return Architecture::qwen2;
  if (type == "deepseek_v2") return Architecture::deepseek_v2;
  if (type == "deepseek_v3") return Architecture::deepseek_v3;
  throw Error(read.where(), "no architecture \"" + type + "\" here",
              "llama, qwen2, deepseek_v2 and deepseek_v3 run");
}

double positive(const Reader& read, const char* key, double value) {
  if (!(value > 0)) read.fail(std::string(key) + " is not positive");
  return value;
}

/// Sets the frequencies and the softmax scale, which YaRN changes too.
void read_rope(const Reader& read, std::int64_t dims, double head_dims, bool deepseek,
               ModelConfig& config) {
  if (dims % 2 != 0) read.fail("rotary dimensions are an odd number");
  const double theta = positive(read, "rope_theta", read.number("rope_theta"));
  config.attention_scale = static_cast<float>(1.0 / std::sqrt(head_dims));
  if (!read.has("rope_scaling")) {
    config.rope = plain_rope(dims, theta);
    return;
  }
  if (!read.at("rope_scaling").is_object()) read.fail("rope_scaling is not an object");
  const Reader scaling(read.at("rope_scaling"), read.where());
  const std::string type = scaling.text_or("rope_type", "");
  const auto value = [&](const char* key, double otherwise) {
    return positive(scaling, key, scaling.number_or(key, otherwise));
  };
  if (type == "llama3") {
    config.rope = llama3_rope(dims, theta,
                              {.factor = value("factor", 8),
                               .low_freq_factor = value("low_freq_factor", 1),
                               .high_freq_factor = value("high_freq_factor", 4),
                               .original_length = value("original_max_position_embeddings", 8192)});
  } else if (type == "linear") {
    config.rope = plain_rope(dims, theta);
    for (float& frequency : config.rope.frequencies)
      frequency /= static_cast<float>(value("factor", 1));
  } else if (type == "yarn") {
    const YarnScaling yarn = {.factor = value("factor", 1),
                              .original_length = value("original_max_position_embeddings", 4096),
                              .beta_fast = value("beta_fast", 32),
                              .beta_slow = value("beta_slow", 1),
                              .mscale = scaling.number_or("mscale", 1),
                              .mscale_all_dim = scaling.number_or("mscale_all_dim", 0),
                              .attention_factor = scaling.number_or("attention_factor", 0)};
    config.rope = yarn_rope(dims, theta, yarn);
    if (deepseek && yarn.mscale_all_dim != 0) {
      const double m = yarn_mscale(yarn.factor, yarn.mscale_all_dim);
      config.attention_scale = static_cast<float>(m * m / std::sqrt(head_dims));
    }
  } else {
    read.fail("rope scaling \"" + type + "\" is not known");
  }
}

void read_dense(const Reader& read, ModelConfig& config) {
  config.kv_heads = read.size("num_key_value_heads");
  config.head_dims = read.size("head_dim");
  if (config.heads % config.kv_heads != 0)
    read.fail("num_key_value_heads does not divide num_attention_heads");
  config.attention_bias =
      config.architecture == Architecture::qwen2 || read.flag_or("attention_bias", false);
  read_rope(read, config.head_dims, static_cast<double>(config.head_dims), false, config);
}

void read_experts(const Reader& read, ModelConfig& config) {
  config.dense_layers = config.layers;
  config.experts = read.size_or("n_routed_experts", 0);
  if (config.experts == 0) return;
  if (read.size_or("moe_layer_freq", 1) != 1) read.fail("moe_layer_freq other than 1 is not known");
  config.dense_layers = std::min(read.size_or("first_k_dense_replace", 0), config.layers);
  config.shared_experts = read.size_or("n_shared_experts", 0);
  config.expert_feed_forward = read.size("moe_intermediate_size");
  Routing& routing = config.routing;
  const std::string score = read.text_or("scoring_func", "softmax");
  const std::string method = read.text_or("topk_method", "greedy");
  if (score != "sigmoid" && score != "softmax")
    read.fail("scoring_func \"" + score + "\" is not known");
  if (method != "greedy" && method != "group_limited_greedy" && method != "noaux_tc") {
    read.fail("topk_method \"" + method + "\" is not known");
  }
  routing.sigmoid = score == "sigmoid";
  routing.group_by_two_best = method == "noaux_tc";
  routing.groups = method == "greedy" ? 1 : std::max<std::int64_t>(1, read.size_or("n_group", 1));
  routing.kept_groups =
      method == "greedy" ? 1 : std::max<std::int64_t>(1, read.size_or("topk_group", 1));
  routing.experts_a_token = read.size("num_experts_per_tok");
  // V2's own code renormalises sigmoid scores only.
  routing.normalise = read.flag_or("norm_topk_prob", false) && routing.sigmoid;
  routing.scaling = static_cast<float>(read.number_or("routed_scaling_factor", 1));
  if (config.experts % routing.groups != 0 || routing.kept_groups > routing.groups ||
      routing.experts_a_token > config.experts / routing.groups * routing.kept_groups) {
    read.fail(
        "n_routed_experts, n_group, topk_group and num_experts_per_tok contradict each other");
  }
}

void read_latent(const Reader& read, ModelConfig& config) {
  config.q_lora = read.size_or("q_lora_rank", 0);
  config.kv_lora = read.size("kv_lora_rank");
  config.nope_dims = read.size("qk_nope_head_dim");
  config.rope_dims = read.size("qk_rope_head_dim");
  config.value_dims = read.size("v_head_dim");
  config.prediction_layers = read.size_or("num_nextn_predict_layers", 0);
  read_rope(read, config.rope_dims, static_cast<double>(config.nope_dims + config.rope_dims), true,
            config);
  read_experts(read, config);
}

}  // namespace

ModelConfig ModelConfig::read(const Json& json, const std::string& where) {
  const Reader read(json, where);
  ModelConfig config;
  config.architecture = read_architecture(read);
  config.vocab = read.size("vocab_size");
  config.width = read.size("hidden_size");
  config.layers = read.size("num_hidden_layers");
  config.heads = read.size("num_attention_heads");
  config.feed_forward = read.size("intermediate_size");
  config.context_length = read.size("max_position_embeddings");
  config.norm_eps = static_cast<float>(positive(read, "rms_norm_eps", read.number("rms_norm_eps")));
  config.tied_embeddings = read.flag_or("tie_word_embeddings", false);
  if (config.layers > 4096 || config.heads > 65536)
    read.fail("has an impossible number of layers or heads");
  if (const std::string act = read.text_or("hidden_act", "silu"); act != "silu") {
    read.fail("hidden_act \"" + act + "\" is not known");
  }
  const bool dense =
      config.architecture == Architecture::llama || config.architecture == Architecture::qwen2;
  if (dense) {
    read_dense(read, config);
  } else {
    read_latent(read, config);
  }
  return config;
}

}  // namespace r1
