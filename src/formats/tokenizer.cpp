#include "formats/tokenizer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/error.h"
#include "formats/byte_pair.h"
#include "formats/gguf.h"
#include "formats/normalization.h"
#include "formats/sentence_piece.h"
#include "formats/special_tokens.h"
#include "formats/unicode.h"

namespace r1 {
namespace {

constexpr std::size_t max_text_bytes = std::size_t{1} << 30;

using Encoder = std::variant<BytePairEncoder, SentencePieceEncoder>;
Encoder make_encoder(const TokenizerData& data) {
  if (data.algorithm == TokenizerData::Algorithm::byte_pair) return BytePairEncoder(data);
  return SentencePieceEncoder(data);
}

void check(const TokenizerData& data, const std::string& where) {
  const auto count = static_cast<std::int64_t>(data.tokens.size());
  const auto is_id = [&](TokenId id) { return id >= 0 && id < count; };
  const auto fail = [&](std::string_view what) { throw Error(where, what, "use another file"); };
  if (count == 0 || count > max_token_count) fail("the vocabulary is empty or too large");
  for (const MergeRule& rule : data.merges) {
    if (!is_id(rule.left) || !is_id(rule.right) || !is_id(rule.merged)) {
      fail("a merge names a token that the vocabulary lacks");
    }
  }
  if (data.algorithm == TokenizerData::Algorithm::sentence_piece) {
    if (data.scores.size() != data.tokens.size()) fail("there isn't one score for each token");
    const auto is_nan = [](float score) { return score != score; };
    if (std::any_of(data.scores.begin(), data.scores.end(), is_nan)) fail("a score is no number");
    for (const Token& token : data.tokens) {
      if (token.kind == TokenKind::byte && token.bytes.size() != 1) {
        fail("a byte token stands for no byte");
      }
    }
  }
  for (const auto* ids : {&data.prefix, &data.suffix, &data.end_of_generation}) {
    if (!std::all_of(ids->begin(), ids->end(), is_id))
      fail("a special id is outside the vocabulary");
  }
  for (const auto& id : {data.bos, data.eos}) {
    if (id && !is_id(*id)) fail("the BOS or EOS id is outside the vocabulary");
  }
}

}  // namespace

struct Tokenizer::State {
  TokenizerData data;
  Encoder encoder;  // has views of the data
  SpecialTokens special, normalized_special;

  explicit State(TokenizerData given) : data(std::move(given)), encoder(make_encoder(data)) {
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
      const Token& token = data.tokens[i];
      const auto id = static_cast<TokenId>(i);
      if (token.kind != TokenKind::control && token.kind != TokenKind::user_defined &&
          token.kind != TokenKind::unknown) {
        continue;
      }
      std::string buffer;
      if (token.normalized) {
        const bool compose = data.compose && unicode::is_valid(token.bytes);
        normalized_special.add(
            std::string(compose ? unicode::compose(token.bytes, buffer) : token.bytes), id);
      } else {
        special.add(token.bytes, id);
      }
    }
    special.prepare();
    normalized_special.prepare();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// One encoding of one text.
  class Run {
   public:
    Run(const State& state, std::vector<TokenId>& ids) : state_(state), ids_(ids) {}

    void parse(std::string_view text) {
      parse_with(state_.special, text, [this](std::string_view between) {
        parse_with(state_.normalized_special, normalize(between),
                   [this](std::string_view ordinary) { encode(ordinary); });
      });
    }
    void plain(std::string_view text) {
      if (!text.empty()) encode(normalize(text));
    }

   private:
    /// Appends the ids of the special tokens and calls `ordinary` for what lies between them.
    template <typename Ordinary>
    void parse_with(const SpecialTokens& tokens, std::string_view text, const Ordinary& ordinary) {
      for (std::size_t at = 0; at < text.size();) {
        const auto found = tokens.find(text, at);
        const std::size_t end = found ? found->begin : text.size();
        if (end > at) ordinary(text.substr(at, end - at));
        if (!found) return;
        ids_.push_back(found->id);
        after_special_ = true;
        at = found->end;
      }
    }
    std::string_view normalize(std::string_view text) {
      return state_.data.compose ? unicode::compose(text, normalized_) : text;
    }
    void encode(std::string_view text) {
      if (const auto* byte_pair = std::get_if<BytePairEncoder>(&state_.encoder)) {
        state_.data.pre_tokenizer.split(
            text, [&](std::string_view piece) { byte_pair->encode(piece, ids_, memory_); });
        return;
      }
      const bool prefix = state_.data.add_space_prefix && after_special_;
      const std::string spaced = (prefix ? " " : "") + replace_meta_spaces(text);
      std::get<SentencePieceEncoder>(state_.encoder).encode(spaced, ids_, memory_);
      after_special_ = false;
    }

    const State& state_;
    std::vector<TokenId>& ids_;
    MergeMemory memory_;
    std::string normalized_;
    bool after_special_ = true;  // or at the start
  };
};

Tokenizer Tokenizer::open(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return Tokenizer(read_tokenizer_folder(path), path.string());
  }
  return Tokenizer(read_tokenizer_metadata(Gguf::open(path).metadata(), path.string()),
                   path.string());
}

Tokenizer::Tokenizer(TokenizerData data, const std::string& where) {
  check(data, where);
  state_ = std::make_shared<const State>(std::move(data));
}

std::vector<TokenId> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > max_text_bytes) {
    throw Error("text", "it is longer than 1 GiB", "tokenize it in parts");
  }
  std::string repaired;
  if (!unicode::is_valid(text)) {
    repaired = unicode::replace_invalid(text);
    text = repaired;
  }
  const TokenizerData& data = state_->data;
  std::vector<TokenId> ids;
  if (options.add_special) ids = data.prefix;
  State::Run run(*state_, ids);
  options.parse_special ? run.parse(text) : run.plain(text);
  if (options.add_special) ids.insert(ids.end(), data.suffix.begin(), data.suffix.end());
  return ids;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, DecodeOptions options) const {
  StreamDecoder decoder(*this, options);
  std::string text;
  for (const TokenId id : ids) text += decoder.push(id);
  return text + decoder.flush();
}

TokenId Tokenizer::vocab_size() const {
  return static_cast<TokenId>(state_->data.tokens.size());
}
std::optional<TokenId> Tokenizer::bos() const {
  return state_->data.bos;
}
std::optional<TokenId> Tokenizer::eos() const {
  return state_->data.eos;
}
bool Tokenizer::ends_generation(TokenId id) const {
  return std::binary_search(end_of_generation().begin(), end_of_generation().end(), id);
}
const std::vector<TokenId>& Tokenizer::end_of_generation() const {
  return state_->data.end_of_generation;
}
std::string_view Tokenizer::token_bytes(TokenId id) const {
  return id >= 0 && id < vocab_size() ? state_->data.tokens[static_cast<std::size_t>(id)].bytes
                                      : std::string_view();
}
bool Tokenizer::is_special(TokenId id) const {
  if (id < 0 || id >= vocab_size()) return false;
  const TokenKind kind = state_->data.tokens[static_cast<std::size_t>(id)].kind;
  return kind == TokenKind::control || kind == TokenKind::unknown;
}
std::optional<TokenId> Tokenizer::special_token(std::string_view spelling) const {
  for (const SpecialTokens* tokens : {&state_->special, &state_->normalized_special}) {
    const auto found = tokens->find(spelling, 0);
    if (found && found->begin == 0 && found->end == spelling.size()) return found->id;
  }
  return std::nullopt;
}
bool Tokenizer::adds_space_prefix() const {
  return state_->data.add_space_prefix;
}
const std::string& Tokenizer::chat_template() const {
  return state_->data.chat_template;
}
const std::string& Tokenizer::tool_use_template() const {
  return state_->data.tool_use_template;
}
const TokenizerData& Tokenizer::data() const {
  return state_->data;
}

StreamDecoder::StreamDecoder(Tokenizer tokenizer, DecodeOptions options)
    : tokenizer_(std::move(tokenizer)), options_(options) {
  at_start_ = tokenizer_.adds_space_prefix() && !options_.continuation;
}

std::string StreamDecoder::push(TokenId id) {
  if (id < 0 || id >= tokenizer_.vocab_size()) {
    throw Error("token " + std::to_string(id), "the vocabulary has no such id",
                "use ids below " + std::to_string(tokenizer_.vocab_size()));
  }
  if (options_.skip_special && tokenizer_.is_special(id)) return {};
  pending_ += tokenizer_.token_bytes(id);
  std::string text;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const unicode::Decoded decoded = unicode::decode(rest);
    if (decoded.state == unicode::Decoded::State::cut) break;
    unicode::append(text, decoded.character);
    rest.remove_prefix(decoded.length);
  }
  pending_.erase(0, pending_.size() - rest.size());
  if (at_start_ && !text.empty()) {
    at_start_ = false;
    if (text[0] == ' ') text.erase(0, 1);
  }
  return text;
}

std::string StreamDecoder::flush() {
  std::string text;
  if (!pending_.empty()) unicode::append(text, unicode::replacement);
  pending_.clear();
  at_start_ = tokenizer_.adds_space_prefix() && !options_.continuation;
  return text;
}

}  // namespace r1
