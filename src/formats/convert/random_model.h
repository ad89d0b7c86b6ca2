// Models of random weights, so that programs can be measured on the same file of any shape.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "formats/checkpoint.h"
#include "formats/convert/gguf_file_export.h"
#include "formats/model_shapes.h"

namespace r1 {

struct RandomModelOptions {
  std::string shape;                // a name of model_shape()
  std::filesystem::path target;     // a GGUF file
  std::string format;               // a name of parse_target_format()
  std::filesystem::path tokenizer;  // a folder or GGUF file; empty: a token a byte
  std::uint64_t seed = 0;
  std::int64_t layers = 0;  // fewer than the shape has; 0: all
  Note note = [](const std::string&) {};
};

/// Matrices are normal with deviation 1 / sqrt(row length), so that activations keep their size;
/// norms are one, biases small. The file depends on nothing but the options. Throws Error.
void write_random_model(const RandomModelOptions& options);

/// The tensors of a GGUF file of that config, in the order they are used.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> gguf_shapes(
    const nlohmann::ordered_json& config);

/// The tensors of a Hugging Face folder of that config: experts one by one, kv_b_proj whole, and a
/// multi-token prediction layer where num_nextn_predict_layers is not 0.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> hugging_face_shapes(
    const nlohmann::ordered_json& config);

/// A model to begin training from, in memory: matrices are normal with that deviation, norms one,
/// biases zero. Attention's and the feed-forwards' last matrices are zero, so that at first every
/// block passes on what it gets: copying from earlier places is then learned sooner
/// (docs/recipe.md).
Checkpoint initial_model(const nlohmann::ordered_json& config, float deviation, std::uint64_t seed);

}  // namespace r1
