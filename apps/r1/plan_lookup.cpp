#include "plan_lookup.h"

#include <filesystem>

#include "base/error.h"
#include "base/memory.h"
#include "formats/config.h"
#include "formats/json.h"
#include "formats/model_shapes.h"
#include "kernels/machine.h"
#include "models/config.h"
#include "plan/published_runs.h"

namespace r1::app {
namespace {

plan::Shape shape_of(const ModelConfig& config, const std::string& name) {
  plan::Shape shape;
  shape.name = name;
  shape.vocab = config.vocab;
  shape.width = config.width;
  shape.layers = config.layers;
  shape.heads = config.heads;
  shape.feed_forward = config.feed_forward;
  shape.tied_embeddings = config.tied_embeddings;
  shape.kv_heads = config.kv_heads;
  shape.head_dims = config.head_dims;
  shape.attention_bias = config.attention_bias;
  shape.q_lora = config.q_lora;
  shape.kv_lora = config.kv_lora;
  shape.nope_dims = config.nope_dims;
  shape.rope_dims = config.rope_dims;
  shape.value_dims = config.value_dims;
  shape.dense_layers = config.dense_layers;
  shape.experts = config.experts;
  shape.shared_experts = config.shared_experts;
  shape.experts_per_token = config.routing.experts_a_token;
  shape.expert_feed_forward = config.expert_feed_forward;
  shape.expert_groups = config.routing.groups;
  shape.kept_groups = config.routing.kept_groups;
  shape.router_bias = config.architecture == Architecture::deepseek_v3 && config.experts > 0;
  shape.prediction_layers = config.prediction_layers;
  return shape;
}

plan::Shape find_shape(const std::string& name) {
  std::filesystem::path path = name;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) path /= "config.json";
  if (std::filesystem::is_regular_file(path, ignored)) {
    nlohmann::ordered_json config = read_ordered_json(path);
    normalise_config(config, path.string());
    return shape_of(ModelConfig::read(config, path.string()), name);
  }
  const std::string known = plan::published_run_names() + ", " + model_shape_names();
  if ((", " + known + ", ").find(", " + name + ", ") == std::string::npos) {
    throw Error("model", "'" + name + "' is not known",
                "known are " + known + "; or give a folder with config.json");
  }
  return shape_of(ModelConfig::read(model_shape(name), name), name);
}

plan::Cluster find_cluster(const std::string& name) {
  if (name != "this") return plan::find_cluster(name);
  plan::Device device = plan::find_device("laptop", "cluster");
  device.name = "this machine";
  device.memory = static_cast<double>(physical_memory());
  device.memory_bandwidth = BandwidthMeter().measure() * 1e9;
  device.bf16_flops = matrix_peak_gflops(DType::bf16) * 1e9;
  return {device, 1, 1};
}

}  // namespace

plan::Lookup plan_lookup() {
  return {find_shape, find_cluster};
}

}  // namespace r1::app
