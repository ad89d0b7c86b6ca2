// Models of random weights of every architecture, in every weight type.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/float_types.h"
#include "base/random.h"
#include "formats/config.h"
#include "formats/convert/gguf_export.h"
#include "formats/convert/quantization_mix.h"
#include "formats/convert/random_model.h"
#include "formats/gguf.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "kernels/reference/quantization.h"

namespace r1 {

using NamedShape = std::pair<std::string, std::vector<std::int64_t>>;

/// A configuration of the type llama, qwen2, deepseek_v2 or deepseek_v3: one layer, 48 tokens, 256
/// positions, and rows of 256 numbers, which the blocks of K-quants divide, in all matrices but
/// DeepSeek's attn_k_b. DeepSeek's have 4 experts in 2 groups, two of them for each token, and a
/// shared one.
inline nlohmann::ordered_json small_config(const std::string& type) {
  nlohmann::ordered_json config = {
      {"model_type", type},       {"vocab_size", 48},         {"hidden_size", 256},
      {"intermediate_size", 256}, {"num_hidden_layers", 1},   {"num_attention_heads", 4},
      {"rms_norm_eps", 1e-6},     {"rope_theta", 10000.0},    {"max_position_embeddings", 256},
      {"hidden_act", "silu"},     {"num_key_value_heads", 2}, {"tie_word_embeddings", false}};
  if (type == "deepseek_v2" || type == "deepseek_v3") {
    const bool v3 = type == "deepseek_v3";
    config.update({{"moe_intermediate_size", 256},
                   {"num_key_value_heads", 4},
                   {"q_lora_rank", v3 ? nlohmann::ordered_json(256) : nullptr},
                   {"kv_lora_rank", 256},
                   {"qk_nope_head_dim", 32},
                   {"qk_rope_head_dim", 32},
                   {"v_head_dim", 64},
                   {"n_routed_experts", 4},
                   {"n_shared_experts", 1},
                   {"num_experts_per_tok", 2},
                   {"first_k_dense_replace", 0},
                   {"n_group", 2},
                   {"topk_group", 1},
                   {"scoring_func", v3 ? "sigmoid" : "softmax"},
                   {"topk_method", v3 ? "noaux_tc" : "group_limited_greedy"},
                   {"norm_topk_prob", v3},
                   {"routed_scaling_factor", 1.5}});
  }
  normalise_config(config, type);
  return config;
}

/// GGUF's names and shapes of a configuration's tensors, those of a prediction layer included.
inline std::vector<NamedShape> small_shapes(const nlohmann::ordered_json& config) {
  std::vector<NamedShape> shapes = gguf_shapes(config);
  if (config.value("num_nextn_predict_layers", 0) == 0) return shapes;
  const auto layers = config.at("num_hidden_layers").get<int>();
  const std::string last = "blk." + std::to_string(layers - 1) + ".";
  const std::string added = "blk." + std::to_string(layers) + ".";
  const std::vector<NamedShape> main = shapes;
  for (const auto& [name, shape] : main) {
    if (name.starts_with(last)) shapes.emplace_back(added + name.substr(last.size()), shape);
  }
  const auto width = config.at("hidden_size").get<std::int64_t>();
  shapes.emplace_back(added + "nextn.eh_proj.weight", std::vector{width, 2 * width});
  for (const char* name : {"enorm", "hnorm", "shared_head_norm"}) {
    shapes.emplace_back(added + "nextn." + name + ".weight", std::vector{width});
  }
  return shapes;
}

inline std::int64_t elements_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

/// Random blocks of a type that nothing can quantize to; f16 scales of the numbers' size.
inline void fill_blocks(DType type, std::uint64_t stream, std::span<std::byte> bytes) {
  Random random(11, stream);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.bits());
  const auto put = [&](std::size_t at, float scale) {
    const std::uint16_t half = float_to_f16(scale);
    bytes[at] = static_cast<std::byte>(half & 0xff);
    bytes[at + 1] = static_cast<std::byte>(half >> 8);
  };
  const auto size = static_cast<std::size_t>(info(type).block_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    if (type == DType::iq4_nl) put(at, 1e-3f);
    if (type == DType::q3_k) put(at + 108, 1.5e-3f);
    if (type == DType::q2_k) {
      put(at + 80, 6e-3f);
      put(at + 82, 9e-3f);
    }
  }
}

/// A tensor's bytes: normal numbers that keep the size of activations, ones for norms.
inline std::vector<std::byte> random_tensor(const std::string& name,
                                            const std::vector<std::int64_t>& shape, DType type,
                                            std::uint64_t stream) {
  const std::int64_t count = elements_of(shape);
  std::vector<std::byte> bytes(static_cast<std::size_t>(bytes_of(type, count)));
  if (is_quantized(type) && !can_quantize(type)) {
    fill_blocks(type, stream, bytes);
    return bytes;
  }
  std::vector<float> numbers(static_cast<std::size_t>((count + 3) / 4 * 4), 1.0f);
  if (name.find("norm") == std::string::npos) {
    fill_normal(11, stream, 0, numbers, 1.5f / std::sqrt(static_cast<float>(shape.back())));
  }
  quantize(type, numbers.data(), count, bytes.data());
  return bytes;
}

/// Random weights in a GGUF file: matrices in `type` where its blocks divide their rows, else in
/// Q8_0. With num_nextn_predict_layers 1 in the configuration there is a prediction layer.
inline void write_small_gguf(const std::filesystem::path& path,
                             const nlohmann::ordered_json& config, DType type) {
  GgufWriter writer(path);
  add_gguf_config(config, nlohmann::ordered_json::object(), "small", writer.metadata());
  const std::vector<NamedShape> shapes = small_shapes(config);
  std::vector<DType> types;
  for (const auto& [name, shape] : shapes) {
    const bool divides = shape.back() % info(type).block == 0;
    types.push_back(!is_matrix_to_quantize(name, shape.size()) ? DType::f32
                    : divides                                  ? type
                                                               : DType::q8_0);
    writer.declare(name, types.back(), shape);
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    writer.write(random_tensor(shapes[i].first, shapes[i].second, types[i], i));
  }
  writer.finish();
}

/// Random weights in a folder in the form that DeepSeek releases: linear layers in f8_e4m3 with a
/// scale for each block of 128 x 128, the rest in f32.
inline void write_small_fp8(const std::filesystem::path& folder,
                            const nlohmann::ordered_json& config) {
  std::filesystem::create_directories(folder);
  write_file(folder / "config.json", json_text(config));
  SafetensorsWriter writer(folder / "model.safetensors");
  std::vector<std::byte> bytes;
  std::uint64_t stream = 0;
  const auto add = [&](const std::string& name, DType type, const std::vector<std::int64_t>& shape,
                       std::span<const std::byte> numbers) {
    writer.declare(name, type, shape);
    bytes.insert(bytes.end(), numbers.begin(), numbers.end());
  };
  for (const auto& [name, shape] : hugging_face_shapes(config)) {
    const std::vector<std::byte> plain = random_tensor(name, shape, DType::f32, ++stream);
    if (!name.ends_with("_proj.weight") && !name.ends_with("_proj_with_mqa.weight")) {
      add(name, DType::f32, shape, plain);
      continue;
    }
    std::vector<std::byte> numbers(plain.size() / 4);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const float number = reinterpret_cast<const float*>(plain.data())[i];
      numbers[i] = static_cast<std::byte>(float_to_f8_e4m3(number * 64.0f));
    }
    add(name, DType::f8_e4m3, shape, numbers);
    const std::vector blocks = {(shape[0] + 127) / 128, (shape[1] + 127) / 128};
    std::vector<float> scales(static_cast<std::size_t>(blocks[0] * blocks[1]));
    for (std::size_t i = 0; i < scales.size(); ++i) {
      scales[i] = (1.0f + 0.1f * static_cast<float>(i)) / 64.0f;
    }
    add(name + "_scale_inv", DType::f32, blocks, std::as_bytes(std::span(scales)));
  }
  writer.write(bytes);
  writer.finish();
}

}  // namespace r1
