// A tokenizer with a token for each byte.
#pragma once

#include <string>
#include <vector>

#include "formats/tokenizer.h"

namespace r1 {

/// Ids 0 ... 255 are bytes, 256 ends an answer; `more` follow as ordinary tokens that are found in
/// texts whole, like <think>.
inline Tokenizer byte_tokenizer(const std::vector<std::string>& more = {}) {
  TokenizerData data;
  for (int byte = 0; byte < 256; ++byte) {
    data.tokens.push_back({std::string(1, static_cast<char>(byte)), TokenKind::normal, false});
  }
  data.tokens.push_back({"<end>", TokenKind::control, false});
  for (const std::string& spelling : more) {
    data.tokens.push_back({spelling, TokenKind::user_defined, false});
  }
  data.eos = 256;
  data.end_of_generation = {256};
  return Tokenizer(std::move(data), "test");
}

}  // namespace r1
