// llama3's rope scaling as Hugging Face's four numbers and as GGUF's divisors of the frequencies.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace r1 {

/// Divisors of the head_dim / 2 frequencies: 1 for short waves, `factor` for long ones, a smooth
/// passage between. scaling: {"factor", "low_freq_factor", "high_freq_factor",
/// "original_max_position_embeddings"}. Source: Llama 3.1's model code.
std::vector<float> llama3_rope_factors(const nlohmann::ordered_json& scaling, double theta,
                                       std::int64_t head_dim);

/// The reverse: a scaling of type llama3 that gives these divisors, or nothing if none does. Of the
/// equivalent ones that with low_freq_factor 1.
std::optional<nlohmann::ordered_json> llama3_rope_scaling(const std::vector<float>& factors,
                                                          double theta, std::int64_t head_dim,
                                                          std::int64_t longest_context);

}  // namespace r1
