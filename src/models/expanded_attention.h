// Multi-head latent attention as the paper first writes it: keys and values of every head expanded
// from the cached latents. Cheaper for long pieces of a prompt than the absorbed form, which every
// other computation uses, but not equal to it bit for bit.
#pragma once

#include <cstdint>

#include "models/config.h"
#include "models/pass.h"
#include "ops/linear.h"

namespace r1 {

/// V2 eq. 42-45 and 47 without W_O. The pass's latents and rotated keys must be in its cache.
/// key_value_up is kv_b_proj [heads (nope + value), kv_lora]; q [tokens, heads, nope + rope] with
/// its last part rotated. Returns [tokens, heads, value].
Tensor expanded_attention(const Pass& pass, std::int64_t layer, const ModelConfig& config,
                          const Linear& key_value_up, const Tensor& q);

}  // namespace r1
