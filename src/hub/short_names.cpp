#include "hub/short_names.h"
#include "base/characters.h"

#include <algorithm>

namespace r1::hub {
namespace {

/// Takes "-word" off the front.
bool take_word(std::string& text, std::string_view word) {
  const std::string sought = "-" + std::string(word);
  if (!text.starts_with(sought)) return false;
  if (text.size() > sought.size() && text[sought.size()] != '-') return false;
  text.erase(0, sought.size());
  return true;
}

}  // namespace

const std::vector<ShortName>& short_names() {
  // Bytes a token: 2 kinds * layers * kv heads * head size * 2; DeepSeek-V3's latent has 576
  // numbers in each of 61 layers.
  static const std::vector<ShortName> kNames = {
      {"smollm2:135m", "bartowski/SmolLM2-135M-Instruct-GGUF", 105'000'000, 23'040},
      {"deepseek-r1:1.5b", "unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF", 1'117'000'000, 28'672},
      {"deepseek-r1:7b", "unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF", 4'683'000'000, 57'344},
      {"deepseek-r1:8b", "unsloth/DeepSeek-R1-Distill-Llama-8B-GGUF", 4'921'000'000, 131'072},
      {"deepseek-r1:14b", "unsloth/DeepSeek-R1-Distill-Qwen-14B-GGUF", 8'988'000'000, 196'608},
      {"deepseek-r1:32b", "unsloth/DeepSeek-R1-Distill-Qwen-32B-GGUF", 19'851'000'000, 262'144},
      {"deepseek-r1:70b", "unsloth/DeepSeek-R1-Distill-Llama-70B-GGUF", 42'520'000'000, 327'680},
      {"deepseek-r1:671b", "unsloth/DeepSeek-R1-GGUF", 404'400'000'000, 70'272},
  };
  return kNames;
}

std::optional<Name> short_name(std::string_view text) {
  const std::string asked = lower_case(text);
  for (const ShortName& model : short_names()) {
    if (!asked.starts_with(model.name)) continue;
    std::string rest = asked.substr(model.name.size());
    const std::string repository = lower_case(model.repository);
    for (const char* family : {"qwen", "llama"}) {
      if (take_word(rest, family) && repository.find(family) == std::string::npos) {
        return std::nullopt;
      }
    }
    if (take_word(rest, "distill") && repository.find("distill") == std::string::npos) {
      return std::nullopt;
    }
    if (!rest.empty() && (rest.front() != '-' || rest.size() == 1)) continue;
    Name name{.repository = model.repository};
    if (!rest.empty()) name.choice = rest.substr(1);
    return name;
  }
  return std::nullopt;
}

std::int64_t memory_of(const ShortName& model, std::int64_t tokens) {
  constexpr std::int64_t kWorkspace = 300'000'000;
  return model.bytes + model.cache * tokens + kWorkspace;
}

bool fits(const ShortName& model, std::int64_t memory, std::int64_t tokens) {
  return memory_of(model, tokens) <= memory / 10 * 9;
}

const ShortName* advised(std::int64_t memory, std::int64_t tokens) {
  const std::vector<ShortName>& all = short_names();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const ShortName& model) {
    return fits(model, memory, tokens);
  });
  return found == all.rend() ? nullptr : &*found;
}

}  // namespace r1::hub
