#include "plan/description.h"

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/section.h"
#include "plan/training.h"

namespace r1::plan {
namespace {

constexpr std::int64_t kMostWhole = 1'000'000'000;  // products of two stay whole
constexpr double kMost = 1e30;

void take(const Section& section, const char* key, std::int64_t& value) {
  value = section.integer(key, value, 0, kMostWhole);
}

void take(const Section& section, const char* key, double& value) {
  value = section.number(key, value, 0, kMost);
}

void take(const Section& section, const char* key, bool& value) {
  value = section.flag(key, value);
}

void read_model(Description& d, const Section& section, const std::string& where,
                const Lookup& lookup) {
  if (section.has("name")) {
    use_model(d, section.text("name"), lookup);
  } else {
    d.shape.name = where;
  }
  Shape& s = d.shape;
  const std::initializer_list<std::pair<const char*, std::int64_t*>> numbers = {
      {"vocab", &s.vocab},
      {"width", &s.width},
      {"layers", &s.layers},
      {"heads", &s.heads},
      {"feed_forward", &s.feed_forward},
      {"kv_heads", &s.kv_heads},
      {"head_dims", &s.head_dims},
      {"q_lora", &s.q_lora},
      {"kv_lora", &s.kv_lora},
      {"nope_dims", &s.nope_dims},
      {"rope_dims", &s.rope_dims},
      {"value_dims", &s.value_dims},
      {"dense_layers", &s.dense_layers},
      {"experts", &s.experts},
      {"shared_experts", &s.shared_experts},
      {"experts_per_token", &s.experts_per_token},
      {"expert_feed_forward", &s.expert_feed_forward},
      {"expert_groups", &s.expert_groups},
      {"kept_groups", &s.kept_groups},
      {"prediction_layers", &s.prediction_layers},
  };
  for (const auto& [key, value] : numbers) take(section, key, *value);
  take(section, "tied_embeddings", s.tied_embeddings);
  take(section, "attention_bias", s.attention_bias);
  take(section, "router_bias", s.router_bias);
}

void read_cluster(Description& d, const Section& section, const std::string& where,
                  const Lookup& lookup) {
  if (section.has("name")) d.cluster = lookup.cluster(section.text("name"));
  if (section.has("device")) d.cluster.device = find_device(section.text("device"), where);
  take(section, "devices", d.cluster.devices);
  take(section, "devices_per_node", d.cluster.devices_per_node);
  Device& device = d.cluster.device;
  take(section, "bf16_flops", device.bf16_flops);
  take(section, "fp8_flops", device.fp8_flops);
  take(section, "memory", device.memory);
  take(section, "memory_bandwidth", device.memory_bandwidth);
  take(section, "node_link", device.node_link);
  take(section, "network_link", device.network_link);
  take(section, "watts", device.watts);
  take(section, "host_watts", device.host_watts);
  take(section, "dollars_per_hour", device.dollars_per_hour);
  take(section, "hopper", device.hopper);
}

void read_run(Description& d, const Section& section) {
  take(section, "tokens", d.run.tokens);
  take(section, "sequence", d.run.sequence);
  take(section, "batch", d.run.batch);
  take(section, "moment_bytes", d.run.moment_bytes);
  if (section.has("precision")) d.run.precision = parse_precision(section.text("precision"));
  if (section.has("attention")) {
    const std::string kernel = section.choice("attention", "", {"flash2", "flash3"});
    d.run.kernel = kernel == "flash2" ? AttentionKernel::flash2 : AttentionKernel::flash3;
  }
}

void read_layout(Description& d, const Section& section) {
  take(section, "tensor", d.layout.tensor);
  take(section, "pipeline", d.layout.pipeline);
  take(section, "expert", d.layout.expert);
  take(section, "virtual_stages", d.layout.virtual_stages);
  take(section, "micro_batch_tokens", d.layout.micro_batch_tokens);
  if (section.has("schedule")) d.layout.schedule = parse_schedule(section.text("schedule"));
  if (section.has("recompute")) d.layout.recompute = parse_recompute(section.text("recompute"));
}

void read_serving(Description& d, const Section& section) {
  take(section, "weight_bytes", d.serving.weight_bytes);
  take(section, "cache_element_bytes", d.serving.cache_element_bytes);
  take(section, "context", d.serving.context);
  take(section, "prompt", d.serving.prompt);
  take(section, "instance", d.serving.instance);
  take(section, "slowest_user", d.serving.slowest_user);
}

}  // namespace

Recompute parse_recompute(const std::string& text) {
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
    if (name(recompute) == text) return recompute;
  }
  throw Error("recompute", "'" + text + "' is not known", "known are none, selective and full");
}

std::string_view name(Recompute recompute) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "selective", "full"};
  return kNames[static_cast<std::size_t>(recompute)];
}

Precision parse_precision(const std::string& text) {
  if (text == "bf16") return Precision::bf16;
  if (text == "fp8") return Precision::fp8;
  throw Error("precision", "'" + text + "' is not known", "known are bf16 and fp8");
}

void use_model(Description& d, const std::string& model, const Lookup& lookup) {
  if (const auto published = find_published_run(model)) {
    d.shape = published->shape;
    d.run = published->run;
    d.layout = published->layout;
    d.layout_given = published->layout_known;
    d.schedule = published->schedule;
    d.later = published->later;
    d.source = published->source;
    d.serving.weight_bytes = d.run.precision == Precision::fp8 ? 1 : 2;
    return;
  }
  d.shape = lookup.shape(model);
}

Description read_description(const std::filesystem::path& path, const Lookup& lookup) {
  const Section file = Section::parse(read_file(path, std::size_t{1} << 20), path);
  const std::string where = path.string();
  for (const char* table : {"model", "cluster"}) {
    if (file.has(table)) continue;
    throw Error(where, std::string("it has no table [") + table + "]", "docs/plan.md shows a file");
  }
  Description d;
  read_model(d, file.table("model"), where + ", [model]", lookup);
  read_cluster(d, file.table("cluster"), where + ", [cluster]", lookup);
  read_run(d, file.table("run"));
  d.layout_given = d.layout_given || file.has("layout");
  read_layout(d, file.table("layout"));
  read_serving(d, file.table("serving"));
  const Section assumptions = file.table("assumptions");
  for (const std::string& key : assumptions.keys()) {
    set_assumption(d.assumptions, key, assumptions.number(key, -kMost, kMost));
  }
  file.require_all_read("docs/plan.md names the keys");
  return d;
}

}  // namespace r1::plan
