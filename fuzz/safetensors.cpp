// Any bytes as a safetensors file; every byte of its tensors is read.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "formats/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = r1::Safetensors::parse(std::as_bytes(std::span(data, size)), "input");
    volatile unsigned sum = 0;
    for (const auto& [name, tensor] : file.tensors()) {
      for (const std::byte byte : tensor.bytes) sum = sum + static_cast<unsigned>(byte);
    }
  } catch (const r1::Error&) {
  }
  return 0;
}
