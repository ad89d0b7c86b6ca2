// Models of random weights, small enough to be made by each test.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "formats/json.h"
#include "formats/safetensors.h"

namespace r1 {

/// A Hugging Face folder with a Llama of 2 layers, 64 wide, 4 query heads and 2 of keys and values,
/// 256 positions, `vocab` tokens, without a tokenizer.
inline void write_tiny_llama(const std::filesystem::path& folder, std::int64_t vocab,
                             std::int64_t head_dims = 16) {
  std::filesystem::create_directories(folder);
  write_file(folder / "config.json",
             json_text(nlohmann::ordered_json{{"model_type", "llama"},
                                              {"vocab_size", vocab},
                                              {"hidden_size", 64},
                                              {"intermediate_size", 96},
                                              {"num_hidden_layers", 2},
                                              {"num_attention_heads", 4},
                                              {"num_key_value_heads", 2},
                                              {"head_dim", head_dims},
                                              {"max_position_embeddings", 256},
                                              {"rms_norm_eps", 1e-5},
                                              {"rope_theta", 10000.0}}));
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors = {
      {"model.embed_tokens.weight", {vocab, 64}},
      {"lm_head.weight", {vocab, 64}},
      {"model.norm.weight", {64}}};
  for (int i = 0; i < 2; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    tensors.insert(tensors.end(), {{layer + "input_layernorm.weight", {64}},
                                   {layer + "post_attention_layernorm.weight", {64}},
                                   {layer + "self_attn.q_proj.weight", {4 * head_dims, 64}},
                                   {layer + "self_attn.k_proj.weight", {2 * head_dims, 64}},
                                   {layer + "self_attn.v_proj.weight", {2 * head_dims, 64}},
                                   {layer + "self_attn.o_proj.weight", {64, 4 * head_dims}},
                                   {layer + "mlp.gate_proj.weight", {96, 64}},
                                   {layer + "mlp.up_proj.weight", {96, 64}},
                                   {layer + "mlp.down_proj.weight", {64, 96}}});
  }
  SafetensorsWriter writer(folder / "model.safetensors");
  for (const auto& [name, shape] : tensors) writer.declare(name, DType::f32, shape);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& shape = tensors[i].second;
    const bool matrix = shape.size() == 2;
    std::vector<float> numbers(static_cast<std::size_t>(matrix ? shape[0] * shape[1] : shape[0]),
                               1.0f);
    if (matrix) fill_normal(7, i, 0, numbers, 1.5f / std::sqrt(static_cast<float>(shape[1])));
    writer.write(std::as_bytes(std::span(numbers)));
  }
  writer.finish();
}

}  // namespace r1
