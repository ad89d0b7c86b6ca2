#include "formats/gguf_config.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/error.h"

namespace r1 {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kSoftmax = 1, kSigmoid = 2;  // llama.cpp's expert_gating_func

/// Metadata under the architecture's prefix, as "llama.block_count".
class Keys {
 public:
  Keys(const Gguf& gguf, std::string architecture, const std::string& where)
      : metadata_(gguf.metadata()), architecture_(std::move(architecture)), where_(where) {}

  std::string key(const char* name) const { return architecture_ + "." + name; }
  std::optional<std::int64_t> integer(const char* name) const {
    return metadata_.integer(key(name));
  }
  std::optional<double> number(const char* name) const { return metadata_.number(key(name)); }
  const std::string* text(const char* name) const { return metadata_.text(key(name)); }
  bool flag(const char* name) const { return metadata_.boolean(key(name)).value_or(false); }

  std::int64_t size(const char* name) const { return checked(name, integer(name)); }
  std::int64_t size(const char* name, std::int64_t otherwise) const {
    return checked(name, integer(name).value_or(otherwise));
  }

 private:
  /// Sizes are natural numbers of at most 31 bits: sums and differences of a few can't overflow.
  std::int64_t checked(const char* name, std::optional<std::int64_t> value) const {
    if (!value) throw Error(where_, "lacks the metadata " + key(name));
    if (*value < 0 || *value > 0x7fffffff) {
      throw Error(where_, "has the impossible " + key(name) + " " + std::to_string(*value));
    }
    return *value;
  }

  const GgufMetadata& metadata_;
  std::string architecture_;
  const std::string& where_;
};

/// Rounds to seven significant digits, which takes back that 0.1f * 0.707f is not 0.0707.
double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return std::strtod(text, nullptr);
}

Json rope_scaling(const Keys& keys, const std::string& where) {
  const std::string* type = keys.text("rope.scaling.type");
  const auto factor = keys.number("rope.scaling.factor");
  if (type == nullptr || *type == "none") return nullptr;
  if (*type != "linear" && *type != "yarn") {
    throw Error(where, "has rope scaling of the unknown type " + *type);
  }
  if (!factor) throw Error(where, "lacks the metadata " + keys.key("rope.scaling.factor"));
  Json scaling = {{"rope_type", *type}, {"factor", *factor}};
  if (*type == "linear") return scaling;
  scaling["original_max_position_embeddings"] =
      keys.size("rope.scaling.original_context_length", keys.size("context_length"));
  scaling["beta_fast"] = keys.number("rope.scaling.yarn_beta_fast").value_or(32.0);
  scaling["beta_slow"] = keys.number("rope.scaling.yarn_beta_slow").value_or(1.0);
  if (const auto attention = keys.number("rope.scaling.yarn_attn_factor")) {
    scaling["attention_factor"] = *attention;
  }
  // llama.cpp stores a tenth of mscale_all_dim, the factor of the logarithm.
  if (const auto multiplier = keys.number("rope.scaling.yarn_log_multiplier")) {
    scaling["mscale"] = scaling["mscale_all_dim"] = rounded(*multiplier * 10.0);
  }
  return scaling;
}

void add_attention(Json& config, const Keys& keys, const std::string& where) {
  const std::int64_t heads = keys.size("attention.head_count");
  if (heads == 0) throw Error(where, "has no attention heads");
  const std::int64_t width = keys.size("embedding_length");
  const std::int64_t head_dim = keys.size("attention.key_length", width / heads);
  config["num_key_value_heads"] = keys.size("attention.head_count_kv", heads);
  config["head_dim"] = head_dim;
  if (keys.size("attention.value_length", head_dim) != head_dim ||
      keys.size("rope.dimension_count", head_dim) != head_dim) {
    throw Error(where, "has heads whose keys, values and rotated part differ in size");
  }
}

void add_latent_attention(Json& config, const Keys& keys, const std::string& where) {
  // Files made before latent attention was absorbed keep the heads' sizes in the plain keys.
  const std::int64_t key = keys.size("attention.key_length_mla", keys.size("attention.key_length"));
  const std::int64_t rotated = keys.size("rope.dimension_count");
  if (rotated >= key) throw Error(where, "has heads smaller than their rotated part");
  const std::int64_t q_rank = keys.size("attention.q_lora_rank", 0);
  config["num_key_value_heads"] = config["num_attention_heads"];
  config["q_lora_rank"] = q_rank == 0 ? Json(nullptr) : Json(q_rank);
  config["kv_lora_rank"] = keys.size("attention.kv_lora_rank");
  config["qk_nope_head_dim"] = key - rotated;
  config["qk_rope_head_dim"] = rotated;
  config["v_head_dim"] =
      keys.size("attention.value_length_mla", keys.size("attention.value_length"));
}

struct Groups {
  std::int64_t count = 1, kept = 1;
};

/// Files older than the keys leave the groups out: those of the released models with that many
/// experts are meant, V3's and R1's 256 or V2's 160.
Groups groups_of_experts(const Keys& keys, bool sigmoid) {
  const std::int64_t experts = keys.size("expert_count");
  Groups released;
  if (sigmoid && experts == 256) released = {8, 4};
  if (!sigmoid && experts == 160) released = {8, 3};
  return {std::max<std::int64_t>(keys.size("expert_group_count", released.count), 1),
          std::max<std::int64_t>(keys.size("expert_group_used_count", released.kept), 1)};
}

void add_experts(Json& config, const Keys& keys) {
  const bool sigmoid = keys.integer("expert_gating_func").value_or(kSoftmax) == kSigmoid;
  const Groups groups = groups_of_experts(keys, sigmoid);
  config["moe_intermediate_size"] = keys.size("expert_feed_forward_length");
  config["n_routed_experts"] = keys.size("expert_count");
  config["n_shared_experts"] = keys.size("expert_shared_count", 0);
  config["num_experts_per_tok"] = keys.size("expert_used_count");
  config["first_k_dense_replace"] = keys.size("leading_dense_block_count", 0);
  config["moe_layer_freq"] = 1;
  config["n_group"] = groups.count;
  config["topk_group"] = groups.kept;
  config["scoring_func"] = sigmoid ? "sigmoid" : "softmax";
  config["topk_method"] = sigmoid            ? "noaux_tc"
                          : groups.count > 1 ? "group_limited_greedy"
                                             : "greedy";
  config["norm_topk_prob"] = keys.flag("expert_weights_norm");
  config["routed_scaling_factor"] = keys.number("expert_weights_scale").value_or(1.0);
}

/// The type that holds most of the weights, as Hugging Face names it; quantized ones count as f16.
std::string torch_dtype(const Gguf& gguf) {
  std::size_t f32 = 0, bf16 = 0, rest = 0;
  for (const StoredTensor& tensor : gguf.tensors()) {
    (tensor.type == "f32" ? f32 : tensor.type == "bf16" ? bf16 : rest) += tensor.bytes.size();
  }
  return f32 > bf16 && f32 > rest ? "float32" : bf16 >= rest ? "bfloat16" : "float16";
}

std::int64_t vocabulary(const Gguf& gguf, const Keys& keys, const std::string& where) {
  const StoredTensor* embedding = gguf.find("token_embd.weight");
  if (embedding != nullptr && embedding->shape.size() == 2) return embedding->shape[0];
  if (const auto size = keys.integer("vocab_size")) return *size;
  throw Error(where, "has no token_embd.weight", "it holds a vocabulary but no model");
}

void add_tokens(Json& config, const GgufMetadata& metadata) {
  for (const auto& [key, name] : {std::pair("tokenizer.ggml.bos_token_id", "bos_token_id"),
                                  std::pair("tokenizer.ggml.eos_token_id", "eos_token_id"),
                                  std::pair("tokenizer.ggml.padding_token_id", "pad_token_id")}) {
    const auto id = metadata.integer(key);
    // Some files write all ones for "none".
    if (id && *id >= 0 && *id < 0x7fffffff) config[name] = *id;
  }
}

}  // namespace

Json config_of_gguf(const Gguf& gguf, const std::string& where) {
  const std::string* architecture = gguf.metadata().text("general.architecture");
  if (architecture == nullptr) throw Error(where, "lacks the metadata general.architecture");
  const bool deepseek = *architecture == "deepseek2";
  if (!deepseek && *architecture != "llama" && *architecture != "qwen2") {
    throw Error(where, "is a model of the architecture " + *architecture,
                "those that run are llama, qwen2 and deepseek2");
  }
  const Keys keys(gguf, *architecture, where);
  const std::int64_t blocks = keys.size("block_count");
  const std::int64_t predicting = keys.size("nextn_predict_layers", 0);
  if (predicting > blocks) throw Error(where, "has more prediction layers than layers");
  if (!deepseek && keys.size("expert_count", 0) > 0) {
    throw Error(where, "is a mixture of experts of the architecture " + *architecture,
                "of those only deepseek2 runs");
  }
  // V3 is V2 with a sigmoid router; both call themselves deepseek2.
  const bool v3 = deepseek && keys.integer("expert_gating_func").value_or(kSoftmax) == kSigmoid;
  Json config;
  config["architectures"] = {*architecture == "llama"   ? "LlamaForCausalLM"
                             : *architecture == "qwen2" ? "Qwen2ForCausalLM"
                             : v3                       ? "DeepseekV3ForCausalLM"
                                                        : "DeepseekV2ForCausalLM"};
  config["model_type"] = !deepseek ? *architecture : v3 ? "deepseek_v3" : "deepseek_v2";
  config["vocab_size"] = vocabulary(gguf, keys, where);
  config["hidden_size"] = keys.size("embedding_length");
  config["intermediate_size"] = keys.size("feed_forward_length");
  config["num_hidden_layers"] = blocks - predicting;
  config["num_attention_heads"] = keys.size("attention.head_count");
  if (deepseek) {
    add_latent_attention(config, keys, where);
    add_experts(config, keys);
    config["num_nextn_predict_layers"] = predicting;
  } else {
    add_attention(config, keys, where);
  }
  if (*architecture != "qwen2") {
    config["attention_bias"] = gguf.find("blk.0.attn_q.bias") != nullptr;
  }
  config["max_position_embeddings"] = keys.size("context_length");
  config["rms_norm_eps"] = keys.number("attention.layer_norm_rms_epsilon").value_or(1e-6);
  config["rope_theta"] = keys.number("rope.freq_base").value_or(10000.0);
  config["rope_scaling"] = rope_scaling(keys, where);
  config["hidden_act"] = "silu";
  config["tie_word_embeddings"] = gguf.find("output.weight") == nullptr;
  config["torch_dtype"] = torch_dtype(gguf);
  add_tokens(config, gguf.metadata());
  return config;
}

Json generation_config_of_gguf(const GgufMetadata& metadata) {
  Json config = Json::object();
  add_tokens(config, metadata);
  // A model may end its turn with another token than its text.
  for (const char* key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    const auto id = metadata.integer(key);
    if (!id || *id < 0 || *id >= 0x7fffffff) continue;
    Json& eos = config["eos_token_id"];
    if (eos.is_null()) eos = *id;
    if (eos == *id) continue;
    if (!eos.is_array()) eos = Json::array({eos});
    if (std::find(eos.begin(), eos.end(), Json(*id)) == eos.end()) eos.push_back(*id);
  }
  for (const auto& [key, name] : {std::pair("general.sampling.temp", "temperature"),
                                  std::pair("general.sampling.top_p", "top_p"),
                                  std::pair("general.sampling.top_k", "top_k")}) {
    if (const auto integer = metadata.integer(key)) {
      config[name] = *integer;
    } else if (const auto number = metadata.number(key)) {
      config[name] = *number;
    }
  }
  return config;
}

}  // namespace r1
