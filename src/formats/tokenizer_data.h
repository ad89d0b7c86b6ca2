// What a tokenizer consists of, whichever file it came from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf_metadata.h"
#include "formats/pre_tokenizer.h"

namespace r1 {

using TokenId = std::int32_t;

/// The numbers are GGUF's token types. A tokenizer.json's added tokens are `control` if special
/// there, else `user_defined`.
enum class TokenKind : std::uint8_t {
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6,
};

struct Token {
  /// What the token stands for: bytes of a text (a space where SentencePiece writes U+2581), or the
  /// spelling of a special token.
  std::string bytes;
  TokenKind kind = TokenKind::normal;
  /// Searched in the text after normalization, and after the tokens that aren't.
  bool normalized = false;
};

/// `left` and `right` become `merged`.
struct MergeRule {
  TokenId left, right, merged;
};

struct TokenizerData {
  enum class Algorithm : std::uint8_t { byte_pair, sentence_piece };
  Algorithm algorithm = Algorithm::byte_pair;
  std::vector<Token> tokens;  // by id; no bytes where an id has no token

  // Byte-pair encoding
  std::vector<MergeRule> merges;  // the first are joined first
  bool ignore_merges = false;     // a piece that is a token is taken whole
  bool compose = false;           // normalize to NFC first
  PreTokenizer pre_tokenizer;

  // SentencePiece
  std::vector<float> scores;  // by id
  bool add_space_prefix = false;

  std::optional<TokenId> bos, eos;
  std::vector<TokenId> prefix, suffix;     // what the model's own prompts begin and end with
  std::vector<TokenId> end_of_generation;  // sorted
  std::string chat_template;               // empty if the file has none
  std::string tool_use_template;           // one of its own for conversations with tools, or empty
};

/// Largest number of ids that is believed.
inline constexpr std::int64_t max_token_count = 1 << 20;

/// Reads tokenizer.json, tokenizer_config.json and generation_config.json (or config.json) of a
/// folder; the first is required. Throws Error.
TokenizerData read_tokenizer_folder(const std::filesystem::path& folder);
/// Reads the text of a tokenizer.json; `where` names it in errors.
TokenizerData parse_tokenizer_json(std::string_view text, const std::string& where);
/// Reads the tokenizer.ggml.* keys of a GGUF file; `where` names it in errors.
TokenizerData read_tokenizer_metadata(const GgufMetadata& metadata, const std::string& where);

/// Adds to end_of_generation the eos and the special tokens that end an answer or a text in the
/// models of this kind, whatever the file says about them.
void add_usual_ends(TokenizerData& data);

}  // namespace r1
