// Any bytes as a text for every pre-tokenizer: pieces join to the text, and decoding what was
// encoded gives it back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "formats/normalization.h"
#include "formats/tokenizer.h"
#include "formats/unicode.h"

namespace {

using namespace r1;

void require(bool holds) {
  if (!holds) std::abort();
}

/// All bytes, a few merges and a special token.
TokenizerData vocabulary(PreTokenizer pre_tokenizer) {
  TokenizerData data;
  for (int byte = 0; byte < 256; ++byte) {
    data.tokens.push_back({std::string(1, static_cast<char>(byte))});
  }
  const auto merge = [&](TokenId left, TokenId right) {
    data.merges.push_back({left, right, static_cast<TokenId>(data.tokens.size())});
    data.tokens.push_back({data.tokens[static_cast<std::size_t>(left)].bytes +
                           data.tokens[static_cast<std::size_t>(right)].bytes});
  };
  for (const auto& [left, right] :
       {std::pair<int, int>{'a', 'a'}, {' ', ' '}, {256, 256}, {257, 'a'}}) {
    merge(left, right);
  }
  data.tokens.push_back({"<s>", TokenKind::control});
  data.pre_tokenizer = std::move(pre_tokenizer);
  return data;
}

std::vector<Tokenizer> make_tokenizers() {
  std::vector<Tokenizer> made;
  for (const char* name :
       {"deepseek-v3", "deepseek-llm", "deepseek-coder", "llama-bpe", "qwen2", "smollm", "gpt-2"}) {
    made.emplace_back(vocabulary(*PreTokenizer::named(name)), name);
  }
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Tokenizer> tokenizers = make_tokenizers();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string text = unicode::replace_invalid(input);
  for (const Tokenizer& tokenizer : tokenizers) {
    for (const auto options : {EncodeOptions{}, plain_text}) {
      require(tokenizer.decode(tokenizer.encode(input, options)) == text);
    }
    std::string joined;
    tokenizer.data().pre_tokenizer.split(text, [&](std::string_view piece) {
      require(!piece.empty());
      joined += piece;
    });
    require(joined == text);
  }
  std::string once, twice;
  const std::string composed(unicode::compose(text, once));
  require(unicode::is_valid(composed));
  require(unicode::compose(composed, twice) == composed);
  return 0;
}
