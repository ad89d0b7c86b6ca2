// A GGUF file's tokenizer: the tokenizer.ggml.* keys, as llama.cpp's converters write them.
#include <algorithm>

#include "base/error.h"
#include "formats/byte_pair.h"
#include "formats/merge_rules.h"
#include "formats/sentence_piece.h"
#include "formats/tokenizer_data.h"

namespace r1 {
namespace {

class TokenizerMetadataReader {
 public:
  TokenizerMetadataReader(const GgufMetadata& metadata, const std::string& where)
      : metadata_(metadata), where_(where) {}

  TokenizerData read() {
    const std::string* model = metadata_.text("tokenizer.ggml.model");
    if (model == nullptr) fail("it has no tokenizer", "use a file with tokenizer.ggml.model");
    if (*model == "gpt2") {
      read_tokens();
      read_byte_pair();
    } else if (*model == "llama") {
      data_.algorithm = TokenizerData::Algorithm::sentence_piece;
      read_tokens();
      read_sentence_piece();
    } else {
      fail("the tokenizer model '" + *model + "' is not known", "use a gpt2 or llama vocabulary");
    }
    read_special_tokens();
    if (const std::string* text = metadata_.text("tokenizer.chat_template")) {
      data_.chat_template = *text;
    }
    if (const std::string* text = metadata_.text("tokenizer.chat_template.tool_use")) {
      data_.tool_use_template = *text;
    }
    return std::move(data_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::string_view remedy) const {
    throw Error(where_, what, remedy);
  }
  [[noreturn]] void malformed(const std::string& what) const { fail(what, "get the file again"); }

  void read_tokens() {
    spellings_ = metadata_.strings("tokenizer.ggml.tokens");
    if (spellings_ == nullptr || spellings_->empty() ||
        spellings_->size() > static_cast<std::size_t>(max_token_count)) {
      malformed("tokenizer.ggml.tokens is missing, empty or too long");
    }
    const auto kinds = metadata_.integers("tokenizer.ggml.token_type");
    if (kinds && kinds->size() != spellings_->size()) {
      malformed("tokenizer.ggml.token_type has not one entry for each token");
    }
    data_.tokens.resize(spellings_->size());
    for (std::size_t id = 0; id < data_.tokens.size(); ++id) {
      const std::int64_t kind = kinds ? (*kinds)[id] : 1;
      if (kind < 0 || kind > 6) malformed("a token has the unknown type " + std::to_string(kind));
      data_.tokens[id] = make_token((*spellings_)[id],
                                    kind == 0 ? TokenKind::normal : static_cast<TokenKind>(kind));
    }
  }

  Token make_token(const std::string& spelling, TokenKind kind) const {
    if (kind == TokenKind::control || kind == TokenKind::user_defined ||
        kind == TokenKind::unknown) {
      return {spelling, kind};
    }
    if (data_.algorithm == TokenizerData::Algorithm::byte_pair) {
      if (auto bytes = from_byte_alphabet(spelling)) return {std::move(*bytes), kind};
      return {spelling, TokenKind::unused};
    }
    if (kind == TokenKind::byte) return {byte_of(spelling), kind};
    return {replace_meta_spaces(spelling), kind};
  }

  /// "<0x0A>" to the byte.
  std::string byte_of(const std::string& spelling) const {
    const auto digit = [&](char c) {
      const std::size_t value = std::string_view("0123456789ABCDEFabcdef").find(c);
      if (value == std::string_view::npos) malformed("'" + spelling + "' names no byte");
      return static_cast<int>(value < 16 ? value : value - 6);
    };
    if (spelling.size() != 6 || !spelling.starts_with("<0x") || spelling[5] != '>') {
      malformed("'" + spelling + "' names no byte");
    }
    return std::string(1, static_cast<char>(digit(spelling[3]) * 16 + digit(spelling[4])));
  }

  void read_byte_pair() {
    const std::string* name = metadata_.text("tokenizer.ggml.pre");
    if (name == nullptr) {
      fail("it doesn't name its pre-tokenizer (tokenizer.ggml.pre)", "convert the model again");
    }
    const auto pre_tokenizer = PreTokenizer::named(*name);
    if (!pre_tokenizer) {
      fail("the pre-tokenizer '" + *name + "' is not known",
           "use a model of the DeepSeek, Qwen2, Llama 3, SmolLM2 or GPT-2 kind");
    }
    data_.pre_tokenizer = *pre_tokenizer;
    // The files don't tell these two settings of the tokenizers they were made from.
    data_.ignore_merges = *pre_tokenizer == PreTokenizer::named("llama-bpe");
    data_.compose = *pre_tokenizer == PreTokenizer::named("qwen2");

    const std::vector<std::string>* rules = metadata_.strings("tokenizer.ggml.merges");
    if (rules == nullptr) malformed("tokenizer.ggml.merges is missing");
    MergeRuleReader reader(where_);
    reader.reserve(spellings_->size());
    for (std::size_t id = 0; id < spellings_->size(); ++id) {
      reader.add_token((*spellings_)[id], static_cast<TokenId>(id));
    }
    data_.merges.reserve(rules->size());
    for (const std::string& rule : *rules) data_.merges.push_back(reader.rule(rule));
  }

  void read_sentence_piece() {
    const std::vector<float>* scores = metadata_.floats("tokenizer.ggml.scores");
    if (scores == nullptr) malformed("tokenizer.ggml.scores is missing");
    data_.scores = *scores;
    data_.add_space_prefix = metadata_.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
  }

  std::optional<TokenId> id_at(const char* key) const {
    const auto id = metadata_.integer(key);
    if (!id || *id < 0 || *id >= static_cast<std::int64_t>(data_.tokens.size())) {
      return std::nullopt;  // files write 4294967295 for none
    }
    return static_cast<TokenId>(*id);
  }

  void read_special_tokens() {
    const bool sentence_piece = data_.algorithm == TokenizerData::Algorithm::sentence_piece;
    data_.bos = id_at("tokenizer.ggml.bos_token_id");
    data_.eos = id_at("tokenizer.ggml.eos_token_id");
    // What llama.cpp assumes where the file doesn't say it.
    const bool usual = sentence_piece || data_.ignore_merges;
    if (data_.bos && metadata_.boolean("tokenizer.ggml.add_bos_token").value_or(usual)) {
      data_.prefix.push_back(*data_.bos);
    }
    if (data_.eos && metadata_.boolean("tokenizer.ggml.add_eos_token").value_or(false)) {
      data_.suffix.push_back(*data_.eos);
    }
    for (const char* key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
      if (const auto id = id_at(key)) data_.end_of_generation.push_back(*id);
    }
    add_usual_ends(data_);
  }

  const GgufMetadata& metadata_;
  const std::string& where_;
  TokenizerData data_;
  const std::vector<std::string>* spellings_ = nullptr;
};

}  // namespace

TokenizerData read_tokenizer_metadata(const GgufMetadata& metadata, const std::string& where) {
  return TokenizerMetadataReader(metadata, where).read();
}

}  // namespace r1
