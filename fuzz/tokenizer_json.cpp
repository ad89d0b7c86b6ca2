// Any bytes as a tokenizer.json, and as a text for the tokenizer if it makes one: the document ends
// at the first zero byte, the text follows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "formats/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\0'), size);
  try {
    const r1::Tokenizer tokenizer(r1::parse_tokenizer_json(input.substr(0, end), "input"), "input");
    const std::string_view text = input.substr(std::min(end + 1, size));
    for (const auto options : {r1::EncodeOptions{}, r1::plain_text}) {
      tokenizer.decode(tokenizer.encode(text, options));
    }
  } catch (const r1::Error&) {
  }
  return 0;
}
