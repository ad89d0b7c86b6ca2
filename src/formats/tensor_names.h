// What GGUF and Hugging Face call the same tensor, for the architectures this program runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1 {

/// "model.layers.3.mlp.down_proj.weight" for "blk.3.ffn_down.weight". A tensor that merges all
/// experts of a layer answers with '*' for the expert's number:
/// "model.layers.3.mlp.experts.*.up_proj.weight". Nothing for names of neither kind.
std::optional<std::string> hugging_face_name(std::string_view gguf);

/// The reverse. An expert's tensor answers with the merged tensor's name.
std::optional<std::string> gguf_name(std::string_view hugging_face);

/// The expert's number in a Hugging Face name, or nothing if it is no expert's tensor.
std::optional<int> expert_number(std::string_view hugging_face);
/// The layer's number in a Hugging Face name ("model.layers.<n>."), or nothing.
std::optional<int> layer_number(std::string_view hugging_face);

}  // namespace r1
