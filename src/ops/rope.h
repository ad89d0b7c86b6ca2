// Rotary position embedding (Su et al., RoFormer) with llama3 and YaRN scaling.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace r1 {

/// The angles a model turns by: angle = position * frequency[pair].
struct RopeFrequencies {
  std::vector<float> frequencies;  // one a pair of dimensions
  float magnitude = 1.0f;          // factor on cos and sin (YaRN's ratio of mscales)
};

/// theta^(-2 i / dims) for the pairs i of `dims` dimensions.
RopeFrequencies plain_rope(std::int64_t dims, double theta);

/// Llama 3.1's scaling: long waves slowed by `factor`, a ramp between the two limits.
struct Llama3Scaling {
  double factor = 8, low_freq_factor = 1, high_freq_factor = 4, original_length = 8192;
};
RopeFrequencies llama3_rope(std::int64_t dims, double theta, const Llama3Scaling& scaling);

/// YaRN (Peng et al.) as in DeepSeek-V3's precompute_freqs_cis.
struct YarnScaling {
  double factor = 1, original_length = 4096, beta_fast = 32, beta_slow = 1;
  double mscale = 1, mscale_all_dim = 0;
  double attention_factor = 0;  // magnitude where a config gives it; 0: from the mscales
};
RopeFrequencies yarn_rope(std::int64_t dims, double theta, const YarnScaling& scaling);
/// 0.1 mscale ln(factor) + 1, or 1 for a factor of at most 1.
double yarn_mscale(double factor, double mscale);

/// Cosines and sines of the tokens of a pass, computed once for all layers.
struct RopeAngles {
  std::int64_t pairs = 0;
  Tensor cosines, sines;  // [tokens, pairs]
};
RopeAngles rope_angles(const RopeFrequencies& rope, std::span<const std::int64_t> positions);

enum class RopePairs : std::uint8_t {
  halves,      // dimension i turns with i + dims / 2
  neighbours,  // dimension 2 i turns with 2 i + 1
};

/// Turns the first 2 * pairs dimensions of each head: x [tokens, heads, dims].
Tensor rope(const Tensor& x, const RopeAngles& angles, RopePairs pairs);

}  // namespace r1
