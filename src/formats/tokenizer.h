// Text to token ids and back, as the model's own tokenizer does it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tokenizer_data.h"

namespace r1 {

struct EncodeOptions {
  /// Put in front (and behind) what the model's prompts begin (and end) with: BOS, mostly.
  bool add_special = true;
  /// Take the spelling of a special token for the token. Never for text that a user typed.
  bool parse_special = true;
};
inline constexpr EncodeOptions plain_text{false, false};

struct DecodeOptions {
  /// Leave special tokens out; tokens like <think>, which are part of an answer, stay.
  bool skip_special = false;
  /// The ids go on with a text: keep the space that SentencePiece puts before the first word.
  bool continuation = false;
};

/// Immutable once made; copies share it, and threads may use it together.
class Tokenizer {
 public:
  /// From a GGUF file or a Hugging Face folder with tokenizer.json. Throws Error.
  static Tokenizer open(const std::filesystem::path& path);
  /// `where` names the origin in errors.
  Tokenizer(TokenizerData data, const std::string& where);

  /// Bytes that are no UTF-8 count as U+FFFD, one for each maximal invalid part. Throws Error for
  /// texts over 1 GiB.
  std::vector<TokenId> encode(std::string_view text, EncodeOptions options = {}) const;
  /// Valid UTF-8: what the ids' bytes do not make whole becomes U+FFFD. Throws Error for an id
  /// outside the vocabulary.
  std::string decode(std::span<const TokenId> ids, DecodeOptions options = {}) const;

  /// Ids are 0 ... vocab_size() - 1; the model may have more rows than that.
  TokenId vocab_size() const;
  std::optional<TokenId> bos() const;
  std::optional<TokenId> eos() const;
  /// Whether an answer ends with this token: eos and its like.
  bool ends_generation(TokenId id) const;
  /// All of those, sorted.
  const std::vector<TokenId>& end_of_generation() const;
  /// Bytes that the token stands for (of a special token its spelling); empty for an id that has no
  /// token.
  std::string_view token_bytes(TokenId id) const;
  /// Whether decoding with skip_special leaves it out.
  bool is_special(TokenId id) const;
  /// The id of a special token's spelling ("</think>"), or nothing.
  std::optional<TokenId> special_token(std::string_view spelling) const;
  /// Whether decoding takes off the space before the first word.
  bool adds_space_prefix() const;
  /// The model's own chat template; empty if it came with none.
  const std::string& chat_template() const;
  /// The template that replaces it for conversations with tools; mostly empty.
  const std::string& tool_use_template() const;
  const TokenizerData& data() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// Decodes ids as they come. Text leaves as soon as its characters are whole.
class StreamDecoder {
 public:
  explicit StreamDecoder(Tokenizer tokenizer, DecodeOptions options = {});
  /// The text that may leave after this id: valid UTF-8, often empty. Bytes that can no longer
  /// become a character are U+FFFD at once. Throws Error for an id outside the vocabulary.
  std::string push(TokenId id);
  /// The end of the text: what still waits becomes one U+FFFD. A new text may begin after it.
  std::string flush();

 private:
  Tokenizer tokenizer_;
  DecodeOptions options_;
  bool at_start_ = true;
  std::string pending_;  // the beginning of a character
};

}  // namespace r1
