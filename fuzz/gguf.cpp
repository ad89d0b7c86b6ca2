// Any bytes as a GGUF file: its metadata, its tensors and the configuration made from it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "formats/gguf.h"
#include "formats/gguf_config.h"
#include "kernels/reference/quantization.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto gguf = r1::Gguf::parse(std::as_bytes(std::span(data, size)), "input");
    for (const r1::StoredTensor& tensor : gguf.tensors()) {
      if (!tensor.dtype) continue;
      std::vector<float> numbers(static_cast<std::size_t>(tensor.elements()));
      r1::dequantize(*tensor.dtype, tensor.bytes.data(), static_cast<std::int64_t>(numbers.size()),
                     numbers.data());
    }
    r1::generation_config_of_gguf(gguf.metadata());
    r1::config_of_gguf(gguf, "input");
  } catch (const r1::Error&) {
  }
  return 0;
}
