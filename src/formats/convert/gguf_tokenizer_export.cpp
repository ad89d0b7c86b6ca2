#include <algorithm>
#include <array>

#include "base/error.h"
#include "formats/byte_pair.h"
#include "formats/convert/tokenizer_export.h"

namespace r1 {
namespace {

bool is_bytes(const Token& token) {
  return token.kind == TokenKind::normal || token.kind == TokenKind::byte;
}

/// As vocabularies write it: bytes by visible characters, or spaces by U+2581 and single bytes as
/// "<0x0A>".
std::string spelling_of(const Token& token, TokenizerData::Algorithm algorithm) {
  if (!is_bytes(token)) return token.bytes;
  if (algorithm == TokenizerData::Algorithm::byte_pair) return to_byte_alphabet(token.bytes);
  if (token.kind == TokenKind::byte) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(token.bytes.empty() ? '\0' : token.bytes[0]);
    return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
  }
  std::string spelling;
  for (const char c : token.bytes) spelling += c == ' ' ? std::string("\u2581") : std::string(1, c);
  return spelling;
}

/// llama.cpp takes added tokens of this form for control tokens even if their file doesn't.
bool looks_special(std::string_view text) {
  const auto between = [&](std::string_view begin, std::string_view end) {
    return text.size() > begin.size() + end.size() && text.starts_with(begin) &&
           text.ends_with(end);
  };
  return between("<|", "|>") || between("<\uff5c", "\uff5c>");
}

class GgufTokenizerWriter {
 public:
  GgufTokenizerWriter(const TokenizerData& tokenizer, std::int64_t vocabulary,
                      GgufMetadata& metadata)
      : tokenizer_(tokenizer), vocabulary_(vocabulary), metadata_(metadata) {}

  std::int64_t write() {
    const bool pairs = tokenizer_.algorithm == TokenizerData::Algorithm::byte_pair;
    metadata_.set("tokenizer.ggml.model", std::string(pairs ? "gpt2" : "llama"));
    const std::string pre(tokenizer_.pre_tokenizer.name());
    if (pairs && pre.empty()) {
      throw Error("tokenizer", "GGUF has no name for its pre-tokenizer");
    }
    metadata_.set("tokenizer.ggml.pre", pairs ? pre : "default");
    write_tokens();
    if (pairs) {
      write_merges();
    } else {
      write_scores();
      metadata_.set("tokenizer.ggml.add_space_prefix", flag(tokenizer_.add_space_prefix));
    }
    write_special_tokens();
    if (!tokenizer_.chat_template.empty()) {
      metadata_.set("tokenizer.chat_template", tokenizer_.chat_template);
    }
    return std::max<std::int64_t>(tokens_in_file() - vocabulary_, 0);
  }

 private:
  static GgufBool flag(bool value) { return value ? GgufBool::yes : GgufBool::no; }
  std::int64_t tokens_in_file() const {
    return static_cast<std::int64_t>(tokenizer_.tokens.size());
  }
  std::size_t kept() const {
    return static_cast<std::size_t>(std::min(vocabulary_, tokens_in_file()));
  }

  void write_tokens() {
    std::vector<std::string> spellings;
    std::vector<std::int32_t> kinds;
    for (std::size_t id = 0; id < static_cast<std::size_t>(vocabulary_); ++id) {
      if (id >= kept() || tokenizer_.tokens[id].bytes.empty()) {
        spellings.push_back("[PAD" + std::to_string(id) + "]");
        kinds.push_back(static_cast<std::int32_t>(TokenKind::unused));
        continue;
      }
      const Token& token = tokenizer_.tokens[id];
      const bool control = token.kind == TokenKind::user_defined && looks_special(token.bytes);
      spellings.push_back(spelling_of(token, tokenizer_.algorithm));
      kinds.push_back(static_cast<std::int32_t>(control ? TokenKind::control : token.kind));
    }
    metadata_.set("tokenizer.ggml.tokens", GgufArray{std::move(spellings)});
    metadata_.set("tokenizer.ggml.token_type", GgufArray{std::move(kinds)});
  }

  void write_merges() {
    std::vector<std::string> merges;
    for (const MergeRule& rule : tokenizer_.merges) {
      if (std::max({rule.left, rule.right, rule.merged}) >= static_cast<TokenId>(kept())) continue;
      merges.push_back(
          to_byte_alphabet(tokenizer_.tokens[static_cast<std::size_t>(rule.left)].bytes) + " " +
          to_byte_alphabet(tokenizer_.tokens[static_cast<std::size_t>(rule.right)].bytes));
    }
    metadata_.set("tokenizer.ggml.merges", GgufArray{std::move(merges)});
  }

  void write_scores() {
    std::vector<float> scores = tokenizer_.scores;
    scores.resize(static_cast<std::size_t>(vocabulary_), 0.0f);
    metadata_.set("tokenizer.ggml.scores", GgufArray{std::move(scores)});
  }

  void write_special_tokens() {
    const auto write_id = [&](const char* key, std::optional<TokenId> id) {
      if (id && *id < static_cast<TokenId>(kept())) {
        metadata_.set(key, static_cast<std::uint32_t>(*id));
      }
    };
    write_id("tokenizer.ggml.bos_token_id", tokenizer_.bos);
    write_id("tokenizer.ggml.eos_token_id", tokenizer_.eos);
    metadata_.set("tokenizer.ggml.add_bos_token", flag(!tokenizer_.prefix.empty()));
    metadata_.set("tokenizer.ggml.add_eos_token", flag(!tokenizer_.suffix.empty()));
    std::vector<TokenId> other_ends;
    for (const TokenId id : tokenizer_.end_of_generation) {
      if (id != tokenizer_.eos) other_ends.push_back(id);
    }
    // GGUF has places for two more tokens that end an answer.
    if (!other_ends.empty()) write_id("tokenizer.ggml.eot_token_id", other_ends[0]);
    if (other_ends.size() > 1) write_id("tokenizer.ggml.eom_token_id", other_ends[1]);
  }

  const TokenizerData& tokenizer_;
  std::int64_t vocabulary_;
  GgufMetadata& metadata_;
};

}  // namespace

std::int64_t add_gguf_tokenizer(const TokenizerData& tokenizer, std::int64_t vocabulary,
                                GgufMetadata& metadata) {
  return GgufTokenizerWriter(tokenizer, vocabulary, metadata).write();
}

TokenizerData byte_tokenizer(std::int64_t vocabulary) {
  TokenizerData data;
  data.pre_tokenizer = *PreTokenizer::named("gpt-2");
  for (int byte = 0; byte < 256 && byte < vocabulary; ++byte) {
    data.tokens.push_back({std::string(1, static_cast<char>(byte)), TokenKind::normal});
  }
  constexpr std::array<std::string_view, 8> kPairs = {" t", "he", "in", "re",
                                                      "on", " a", "er", "nd"};
  for (const std::string_view pair : kPairs) {
    if (static_cast<std::int64_t>(data.tokens.size()) == vocabulary) break;
    data.merges.push_back({static_cast<unsigned char>(pair[0]), static_cast<unsigned char>(pair[1]),
                           static_cast<TokenId>(data.tokens.size())});
    data.tokens.push_back({std::string(pair), TokenKind::normal});
  }
  while (static_cast<std::int64_t>(data.tokens.size()) < vocabulary) {
    data.tokens.push_back(
        {"<|control_" + std::to_string(data.tokens.size()) + "|>", TokenKind::control});
  }
  return data;
}

}  // namespace r1
