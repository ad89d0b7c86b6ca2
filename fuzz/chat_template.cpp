// Any bytes as a chat template, rendered with a conversation that holds every kind of value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "formats/jinja/interpreter.h"
#include "formats/jinja/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto variables = nlohmann::ordered_json::parse(R"({
      "messages": [{"role": "user", "content": "h\u00e9\u3000"},
                   {"role": "assistant", "content": null, "tool_calls": [{"x": [1, -2.5, true]}]}],
      "tools": [{"name": "f", "parameters": {"a": {}, "b": []}}],
      "add_generation_prompt": true, "bos_token": "<s>"})");
  constexpr std::size_t work = 1 << 20;
  try {
    const auto program =
        r1::jinja::parse(std::string_view(reinterpret_cast<const char*>(data), size));
    r1::jinja::Interpreter(*program, work).render(variables);
  } catch (const r1::Error&) {
  }
  return 0;
}
