// What running a model takes, before anything is loaded.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "formats/checkpoint.h"

namespace r1 {

/// Bytes.
struct MemoryNeed {
  std::int64_t weights = 0;    // as stored; they are mapped or repacked, never both
  std::int64_t cache = 0;      // keys and values, or latents, of `context` tokens
  std::int64_t workspace = 0;  // activations of a chunk of the prompt, and its logits
  std::int64_t total() const { return weights + cache + workspace; }
};

/// Bytes that one token adds to the cache: 2 kv_heads head_dim numbers a layer, or MLA's
/// kv_lora_rank + qk_rope_head_dim (V2 paper, section 2.1).
std::int64_t cache_bytes_per_token(const Checkpoint& model, DType cache_type);

/// For one sequence of `context` tokens whose prompt is computed `chunk` tokens at a time. Throws
/// Error if the configuration lacks the sizes.
MemoryNeed memory_need(const Checkpoint& model, std::int64_t context,
                       DType cache_type = DType::bf16, std::int64_t chunk = 512);

/// Throws Error, with the sizes and what to do, if `need` exceeds the memory of this machine.
void require_memory(const MemoryNeed& need, const std::string& where);

}  // namespace r1
