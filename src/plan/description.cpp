#include "plan/description.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "plan/training.h"

namespace r1::plan {
namespace {

/// A table of the file whose keys are taken one by one; what is left over is unknown.
class Section {
 public:
  Section(const toml::table& file, const char* name, std::string where)
      : name_(name), where_(std::move(where)) {
    if (const toml::node* node = file.get(name)) {
      table_ = node->as_table();
      if (table_ == nullptr) fail("it must be a table, [" + std::string(name) + "]");
    }
  }
  bool present() const { return table_ != nullptr; }
  bool has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }

  void take(const char* key, std::int64_t& value) {
    if (const toml::node* node = find(key)) {
      // Powers of ten are written as floats: 1e12.
      const double number = number_of(*node, key);
      if (!(std::abs(number) <= 9e15) || number != std::floor(number)) {
        fail(std::string(key) + " must be a whole number");
      }
      value = static_cast<std::int64_t>(number);
    }
  }
  void take(const char* key, double& value) {
    if (const toml::node* node = find(key)) value = number_of(*node, key);
  }
  void take(const char* key, bool& value) {
    if (const toml::node* node = find(key)) {
      if (!node->is_boolean()) fail(std::string(key) + " must be true or false");
      value = node->as_boolean()->get();
    }
  }
  std::optional<std::string> text(const char* key) {
    const toml::node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_string()) fail(std::string(key) + " must be a text");
    return node->as_string()->get();
  }
  void for_each_number(const std::function<void(const std::string&, double)>& use) {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      const std::string name(key.str());
      use(name, number_of(node, name));
      taken_.push_back(name);
    }
  }
  /// Throws Error for a key that nobody took.
  void finish() const {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      bool known = false;
      for (const std::string& taken : taken_) known = known || taken == key.str();
      if (!known) fail("the key '" + std::string(key.str()) + "' is not known");
    }
  }
  std::string where() const { return where_ + ", [" + name_ + "]"; }

 private:
  const toml::node* find(const char* key) {
    taken_.emplace_back(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  double number_of(const toml::node& node, const std::string& key) const {
    if (const auto* whole = node.as_integer()) return static_cast<double>(whole->get());
    if (const auto* real = node.as_floating_point()) return real->get();
    fail(key + " must be a number");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where(), what, "docs/plan.md names the keys");
  }

  std::string name_, where_;
  const toml::table* table_ = nullptr;
  std::vector<std::string> taken_;
};

void read_model(Description& d, Section& section, const Lookup& lookup) {
  if (const auto known = section.text("name")) {
    use_model(d, *known, lookup);
  } else {
    d.shape.name = section.where();
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
  for (const auto& [key, value] : numbers) section.take(key, *value);
  section.take("tied_embeddings", s.tied_embeddings);
  section.take("attention_bias", s.attention_bias);
  section.take("router_bias", s.router_bias);
  section.finish();
}

void read_cluster(Description& d, Section& section, const Lookup& lookup) {
  if (const auto known = section.text("name")) d.cluster = lookup.cluster(*known);
  if (const auto device = section.text("device")) {
    d.cluster.device = find_device(*device, section.where());
  }
  section.take("devices", d.cluster.devices);
  section.take("devices_per_node", d.cluster.devices_per_node);
  Device& device = d.cluster.device;
  section.take("bf16_flops", device.bf16_flops);
  section.take("fp8_flops", device.fp8_flops);
  section.take("memory", device.memory);
  section.take("memory_bandwidth", device.memory_bandwidth);
  section.take("node_link", device.node_link);
  section.take("network_link", device.network_link);
  section.take("watts", device.watts);
  section.take("host_watts", device.host_watts);
  section.take("dollars_per_hour", device.dollars_per_hour);
  section.take("hopper", device.hopper);
  section.finish();
}

void read_run(Description& d, Section& section) {
  section.take("tokens", d.run.tokens);
  section.take("sequence", d.run.sequence);
  section.take("batch", d.run.batch);
  section.take("moment_bytes", d.run.moment_bytes);
  if (const auto precision = section.text("precision")) {
    d.run.precision = parse_precision(*precision);
  }
  if (const auto kernel = section.text("attention")) {
    if (*kernel != "flash2" && *kernel != "flash3") {
      throw Error(section.where(), "attention is '" + *kernel + "'", "give flash2 or flash3");
    }
    d.run.kernel = *kernel == "flash2" ? AttentionKernel::flash2 : AttentionKernel::flash3;
  }
  section.finish();
}

void read_layout(Description& d, Section& section) {
  if (!section.present()) return;
  section.take("tensor", d.layout.tensor);
  section.take("pipeline", d.layout.pipeline);
  section.take("expert", d.layout.expert);
  section.take("virtual_stages", d.layout.virtual_stages);
  section.take("micro_batch_tokens", d.layout.micro_batch_tokens);
  if (const auto schedule = section.text("schedule")) {
    d.layout.schedule = parse_schedule(*schedule);
  }
  if (const auto recompute = section.text("recompute")) {
    d.layout.recompute = parse_recompute(*recompute);
  }
  d.layout_given = true;
  section.finish();
}

void read_serving(Description& d, Section& section) {
  section.take("weight_bytes", d.serving.weight_bytes);
  section.take("cache_element_bytes", d.serving.cache_element_bytes);
  section.take("context", d.serving.context);
  section.take("prompt", d.serving.prompt);
  section.take("instance", d.serving.instance);
  section.take("slowest_user", d.serving.slowest_user);
  section.finish();
}

toml::table parse(const std::filesystem::path& path) {
  const std::string text = read_file(path, std::size_t{1} << 20);
  // The parser is recursive: nesting is bounded before it starts.
  std::size_t depth = 0;
  for (const char c : text) {
    depth += c == '[' || c == '{' ? 1 : 0;
    depth -= (c == ']' || c == '}') && depth > 0 ? 1 : 0;
    if (depth > 100) throw Error(path.string(), "it nests more than 100 deep");
  }
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    throw Error(path.string() + ", line " + std::to_string(error.source().begin.line),
                std::string(error.description()));
  }
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
  const toml::table file = parse(path);
  const std::string where = path.string();
  constexpr std::array<std::string_view, 6> kSections = {"model",  "cluster", "run",
                                                         "layout", "serving", "assumptions"};
  for (const auto& [key, node] : file) {
    if (std::find(kSections.begin(), kSections.end(), key.str()) == kSections.end()) {
      throw Error(where, "the table '" + std::string(key.str()) + "' is not known",
                  "known are model, cluster, run, layout, serving and assumptions");
    }
  }
  Description d;
  Section model(file, "model", where), cluster(file, "cluster", where), run(file, "run", where),
      layout(file, "layout", where), serving(file, "serving", where),
      assumptions(file, "assumptions", where);
  if (!model.present()) throw Error(where, "it has no table [model]", "docs/plan.md shows a file");
  if (!cluster.present()) {
    throw Error(where, "it has no table [cluster]", "docs/plan.md shows a file");
  }
  read_model(d, model, lookup);
  read_cluster(d, cluster, lookup);
  read_run(d, run);
  read_layout(d, layout);
  read_serving(d, serving);
  assumptions.for_each_number(
      [&](const std::string& key, double value) { set_assumption(d.assumptions, key, value); });
  return d;
}

}  // namespace r1::plan
