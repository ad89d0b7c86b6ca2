// Reading a tokenizer.json (https://huggingface.co/docs/tokenizers) of the byte-level BPE kind.
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "formats/byte_pair.h"
#include "formats/merge_rules.h"
#include "formats/tokenizer_data.h"

namespace r1 {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using std::string_view;

/// The field, unless it is absent or null.
std::optional<element> field(element parent, string_view key) {
  element value;
  if (parent[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}
bool is_set(element parent, string_view key) {
  const auto value = field(parent, key);
  return value && bool(*value);
}
string_view type_of(element part) {
  return part["type"];
}

/// Reads one document. simdjson's exceptions leave it; Errors of its own name what isn't known.
class TokenizerJsonReader {
 public:
  TokenizerJsonReader(element document, const std::string& where)
      : document_(document), where_(where), merge_rules_(where) {}

  TokenizerData read() {
    const element model = document_["model"];
    read_model_settings(model);
    read_vocabulary(model["vocab"]);
    read_merges(model["merges"]);
    if (const auto added = field(document_, "added_tokens")) read_added_tokens(*added);
    if (const auto normalizer = field(document_, "normalizer")) read_normalizer(*normalizer);
    if (const auto part = field(document_, "pre_tokenizer")) read_pre_tokenizer(*part);
    if (!byte_level_) not_known("pre-tokenizer", "without ByteLevel");
    if (const auto part = field(document_, "post_processor")) read_post_processor(*part);
    const auto decoder = field(document_, "decoder");
    if (!decoder || type_of(*decoder) != "ByteLevel") {
      not_known("decoder", decoder ? type_of(*decoder) : "none");
    }
    return std::move(data_);
  }

 private:
  [[noreturn]] void not_known(string_view part, string_view what) const {
    throw Error(where_, "the " + std::string(part) + " '" + std::string(what) + "' is not known",
                "use a tokenizer of the DeepSeek, Qwen2, Llama 3, SmolLM2 or GPT-2 kind, or a GGUF "
                "file");
  }
  [[noreturn]] void malformed(const std::string& what) const {
    throw Error(where_, what, "get the file again");
  }

  void read_model_settings(element model) {
    if (const auto type = field(model, "type"); type && string_view(*type) != "BPE") {
      not_known("model", *type);
    }
    if (is_set(model, "byte_fallback")) not_known("model setting", "byte_fallback");
    for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const auto value = field(model, affix);
      if (value && !string_view(*value).empty()) not_known("model setting", affix);
    }
    if (const auto dropout = field(model, "dropout"); dropout && double(*dropout) != 0) {
      not_known("model setting", "dropout");
    }
    data_.ignore_merges = is_set(model, "ignore_merges");
  }

  Token& token_at(std::uint64_t id) {
    if (id >= static_cast<std::uint64_t>(max_token_count)) {
      malformed("the token id " + std::to_string(id) + " is too large");
    }
    if (id >= data_.tokens.size()) data_.tokens.resize(id + 1);
    return data_.tokens[id];
  }

  void read_vocabulary(object vocabulary) {
    merge_rules_.reserve(vocabulary.size());
    data_.tokens.reserve(std::min(vocabulary.size(), static_cast<std::size_t>(max_token_count)));
    for (const auto& [spelling, id_element] : vocabulary) {
      const std::uint64_t id = id_element;
      Token& token = token_at(id);
      if (auto bytes = from_byte_alphabet(spelling)) {
        token = {std::move(*bytes), TokenKind::normal};
      } else {  // an added token mostly; no text of bytes can become it
        token = {std::string(spelling), TokenKind::unused};
      }
      merge_rules_.add_token(spelling, static_cast<TokenId>(id));
    }
  }

  /// Rules are "left right" or ["left", "right"].
  void read_merges(array rules) {
    data_.merges.reserve(rules.size());
    for (const element rule : rules) {
      if (rule.is_string()) {
        data_.merges.push_back(merge_rules_.rule(string_view(rule)));
        continue;
      }
      const array parts = rule;
      if (parts.size() != 2) malformed("a merge has not two parts");
      data_.merges.push_back(merge_rules_.rule(parts.at(0), parts.at(1)));
    }
  }

  void read_added_tokens(array added) {
    for (const element entry : added) {
      const string_view content = entry["content"];
      for (const char* option : {"lstrip", "rstrip", "single_word"}) {
        if (is_set(entry, option)) {
          not_known("option of token " + std::string(content), option);
        }
      }
      token_at(entry["id"]) = {
          std::string(content),
          is_set(entry, "special") ? TokenKind::control : TokenKind::user_defined,
          is_set(entry, "normalized")};
    }
  }

  void read_normalizer(element normalizer) {
    const string_view type = type_of(normalizer);
    if (type == "NFC") {
      data_.compose = true;
    } else if (type == "Sequence") {
      for (const element part : array(normalizer["normalizers"])) {
        if (type_of(part) != "NFC") not_known("normalizer", type_of(part));
        data_.compose = true;
      }
    } else {
      not_known("normalizer", type);
    }
  }

  void read_pre_tokenizer(element part) {
    if (type_of(part) != "Sequence") return read_pre_tokenizer_step(part);
    for (const element step : array(part["pretokenizers"])) read_pre_tokenizer_step(step);
  }

  void read_pre_tokenizer_step(element step) {
    const string_view type = type_of(step);
    if (byte_level_) not_known("pre-tokenizer after ByteLevel", type);
    if (type == "Split") {
      const auto regex = field(step["pattern"], "Regex");
      if (!regex) not_known("pre-tokenizer", "Split by a string");
      const SplitPattern* pattern = find_split_pattern(*regex);
      if (pattern == nullptr) not_known("pre-tokenizer's regular expression", *regex);
      if (string_view(step["behavior"]) != "Isolated" || is_set(step, "invert")) {
        not_known("pre-tokenizer's behaviour", step["behavior"]);
      }
      data_.pre_tokenizer.add(*pattern);
    } else if (type == "Digits") {
      if (!is_set(step, "individual_digits")) not_known("pre-tokenizer", "Digits in groups");
      data_.pre_tokenizer.add(split_patterns::digits);
    } else if (type == "ByteLevel") {
      if (is_set(step, "add_prefix_space")) not_known("pre-tokenizer option", "add_prefix_space");
      const auto use_regex = field(step, "use_regex");
      if (!use_regex || bool(*use_regex)) data_.pre_tokenizer.add(split_patterns::gpt2_words);
      byte_level_ = true;
    } else {
      not_known("pre-tokenizer", type);
    }
  }

  void read_post_processor(element processor) {
    const string_view type = type_of(processor);
    if (type == "Sequence") {
      for (const element part : array(processor["processors"])) read_post_processor_step(part);
    } else {
      read_post_processor_step(processor);
    }
  }

  void read_post_processor_step(element processor) {
    const string_view type = type_of(processor);
    if (type == "ByteLevel") return;  // it moves offsets only
    if (type != "TemplateProcessing") not_known("post-processor", type);
    bool behind_text = false;
    for (const element piece : array(processor["single"])) {
      if (field(piece, "Sequence")) {
        behind_text = true;
        continue;
      }
      const string_view name = piece["SpecialToken"]["id"];
      for (const element id : array(processor["special_tokens"][name]["ids"])) {
        const std::uint64_t value = id;
        if (value >= data_.tokens.size()) malformed("its post-processor adds an unknown token");
        (behind_text ? data_.suffix : data_.prefix).push_back(static_cast<TokenId>(value));
      }
    }
  }

  element document_;
  const std::string& where_;
  TokenizerData data_;
  MergeRuleReader merge_rules_;
  bool byte_level_ = false;
};

}  // namespace

TokenizerData parse_tokenizer_json(std::string_view text, const std::string& where) {
  try {
    simdjson::dom::parser parser;
    return TokenizerJsonReader(parser.parse(text.data(), text.size()), where).read();
  } catch (const simdjson::simdjson_error& error) {
    throw Error(where, "it is not a well-formed tokenizer.json (" + std::string(error.what()) + ")",
                "get the file again");
  }
}

}  // namespace r1
