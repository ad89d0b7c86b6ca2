#include "formats/tokenizer_data.h"

#include <algorithm>
#include <array>

namespace r1 {

void add_usual_ends(TokenizerData& data) {
  constexpr std::array<std::string_view, 8> spellings = {"<\uff5cend\u2581of\u2581sentence\uff5c>",
                                                         "<|EOT|>",
                                                         "<|eot_id|>",
                                                         "<|eom_id|>",
                                                         "<|end_of_text|>",
                                                         "<|endoftext|>",
                                                         "<|im_end|>",
                                                         "</s>"};
  auto& ends = data.end_of_generation;
  if (data.eos) ends.push_back(*data.eos);
  for (std::size_t id = 0; id < data.tokens.size(); ++id) {
    const Token& token = data.tokens[id];
    if (token.kind == TokenKind::control &&
        std::find(spellings.begin(), spellings.end(), token.bytes) != spellings.end()) {
      ends.push_back(static_cast<TokenId>(id));
    }
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
}

}  // namespace r1
