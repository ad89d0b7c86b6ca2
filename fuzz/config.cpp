// Any bytes as a config.json, and the metadata of a GGUF file from what it says.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "formats/config.h"
#include "formats/convert/gguf_export.h"
#include "formats/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    auto config =
        r1::parse_ordered_json({reinterpret_cast<const char*>(data), size}, "config.json");
    r1::normalise_config(config, "config.json");
    r1::GgufMetadata metadata;
    r1::add_gguf_config(config, nlohmann::ordered_json::object(), "input", metadata);
  } catch (const r1::Error&) {
  }
  return 0;
}
