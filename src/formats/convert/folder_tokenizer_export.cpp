#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "formats/byte_pair.h"
#include "formats/convert/tokenizer_export.h"

namespace r1 {
namespace {

bool is_added(const Token& token) {
  return token.kind == TokenKind::control || token.kind == TokenKind::user_defined ||
         token.kind == TokenKind::unknown;
}

/// Rows of a model that have no token, under the name that converters to GGUF give them.
bool is_filler(const Token& token, std::size_t id) {
  return token.bytes.empty() ||
         (token.kind == TokenKind::unused && token.bytes == "[PAD" + std::to_string(id) + "]");
}

nlohmann::json byte_level(bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

nlohmann::json pre_tokenizer_json(const PreTokenizer& pre_tokenizer) {
  nlohmann::json steps = nlohmann::json::array();
  for (const SplitPattern* pattern : pre_tokenizer.patterns()) {
    if (pattern == &split_patterns::digits) {
      steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
    } else {
      steps.push_back({{"type", "Split"},
                       {"pattern", {{"Regex", pattern->regex}}},
                       {"behavior", "Isolated"},
                       {"invert", false}});
    }
  }
  steps.push_back(byte_level(false));
  return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

/// BOS in front and EOS behind, as the tokenizer's own settings ask for.
nlohmann::json post_processor_json(const TokenizerData& tokenizer,
                                   const nlohmann::json& otherwise) {
  if (tokenizer.prefix.empty() && tokenizer.suffix.empty()) return otherwise;
  nlohmann::json single = nlohmann::json::array(), special = nlohmann::json::object();
  const auto add = [&](TokenId id) {
    const std::string& name = tokenizer.tokens.at(static_cast<std::size_t>(id)).bytes;
    single.push_back({{"SpecialToken", {{"id", name}, {"type_id", 0}}}});
    special[name] = {{"id", name}, {"ids", {id}}, {"tokens", {name}}};
  };
  for (const TokenId id : tokenizer.prefix) add(id);
  single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  for (const TokenId id : tokenizer.suffix) add(id);
  nlohmann::json pair = single;
  pair.push_back({{"Sequence", {{"id", "B"}, {"type_id", 1}}}});
  return {{"type", "TemplateProcessing"},
          {"single", std::move(single)},
          {"pair", std::move(pair)},
          {"special_tokens", std::move(special)}};
}

/// The ids that the vocabulary itself takes: up to the last token that isn't an added one. The
/// `tokenizers` library numbers added tokens from there on, so those before it stand in both lists.
std::size_t vocabulary_size(const TokenizerData& tokenizer) {
  std::size_t size = 0;
  for (std::size_t id = 0; id < tokenizer.tokens.size(); ++id) {
    const Token& token = tokenizer.tokens[id];
    if (!is_added(token) && !is_filler(token, id)) size = id + 1;
  }
  return size;
}

nlohmann::json model_json(const TokenizerData& tokenizer) {
  nlohmann::json vocabulary = nlohmann::json::object(), merges = nlohmann::json::array();
  const std::size_t size = vocabulary_size(tokenizer);
  for (std::size_t id = 0; id < size; ++id) {
    const Token& token = tokenizer.tokens[id];
    const bool plain = token.kind == TokenKind::normal || token.kind == TokenKind::byte;
    if (!is_filler(token, id)) vocabulary[plain ? to_byte_alphabet(token.bytes) : token.bytes] = id;
  }
  for (const MergeRule& rule : tokenizer.merges) {
    merges.push_back(
        {to_byte_alphabet(tokenizer.tokens.at(static_cast<std::size_t>(rule.left)).bytes),
         to_byte_alphabet(tokenizer.tokens.at(static_cast<std::size_t>(rule.right)).bytes)});
  }
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", nullptr},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", false},
          {"byte_fallback", false},
          {"ignore_merges", tokenizer.ignore_merges},
          {"vocab", std::move(vocabulary)},
          {"merges", std::move(merges)}};
}

}  // namespace

nlohmann::json tokenizer_json(const TokenizerData& tokenizer) {
  if (tokenizer.algorithm != TokenizerData::Algorithm::byte_pair) {
    throw Error("tokenizer", "a SentencePiece vocabulary can't be written as tokenizer.json");
  }
  nlohmann::json added = nlohmann::json::array();
  for (std::size_t id = 0; id < tokenizer.tokens.size(); ++id) {
    const Token& token = tokenizer.tokens[id];
    if (!is_added(token)) continue;
    added.push_back({{"id", id},
                     {"content", token.bytes},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", token.normalized},
                     {"special", token.kind != TokenKind::user_defined}});
  }
  return {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", std::move(added)},
      {"normalizer", tokenizer.compose ? nlohmann::json{{"type", "NFC"}} : nlohmann::json(nullptr)},
      {"pre_tokenizer", pre_tokenizer_json(tokenizer.pre_tokenizer)},
      {"post_processor", post_processor_json(tokenizer, byte_level(false))},
      {"decoder", byte_level(true)},
      {"model", model_json(tokenizer)}};
}

nlohmann::ordered_json tokenizer_config_json(const TokenizerData& tokenizer) {
  const auto spelling = [&](std::optional<TokenId> id) -> nlohmann::ordered_json {
    if (!id) return nullptr;
    return tokenizer.tokens.at(static_cast<std::size_t>(*id)).bytes;
  };
  nlohmann::ordered_json config = {
      {"add_bos_token", !tokenizer.prefix.empty()}, {"add_eos_token", !tokenizer.suffix.empty()},
      {"bos_token", spelling(tokenizer.bos)},       {"eos_token", spelling(tokenizer.eos)},
      {"clean_up_tokenization_spaces", false},      {"tokenizer_class", "PreTrainedTokenizerFast"},
  };
  if (!tokenizer.chat_template.empty()) config["chat_template"] = tokenizer.chat_template;
  return config;
}

}  // namespace r1
