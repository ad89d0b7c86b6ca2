// Short names of the models this program is made for, and which of them suits a machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/name.h"

namespace r1::hub {

struct ShortName {
  std::string name;        // "deepseek-r1:1.5b"
  std::string repository;  // with GGUF files
  std::int64_t bytes;      // of the Q4_K_M file, about
  std::int64_t cache;      // bytes a token of the context takes in bf16
};

/// From small to large.
const std::vector<ShortName>& short_names();

/// The hub's name behind "deepseek-r1:7b", and with a part of the model's name or a quantization
/// after it: "deepseek-r1:8b-llama", "deepseek-r1:7b-qwen-distill-q8_0". Small and capital letters
/// are one. Nothing for other names.
std::optional<Name> short_name(std::string_view text);

/// What running a short name's Q4_K_M file takes, in bytes, with a context of `tokens`.
std::int64_t memory_of(const ShortName& model, std::int64_t tokens);

/// Whether it runs in `memory` bytes, of which a tenth is left to the rest of the system.
bool fits(const ShortName& model, std::int64_t memory, std::int64_t tokens);

/// The largest that fits; null if none does.
const ShortName* advised(std::int64_t memory, std::int64_t tokens);

}  // namespace r1::hub
